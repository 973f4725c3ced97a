"""Tests of telling: rows are the inverse of reading them, for the corpus and for whatever a study may say."""

import pytest
from conftest import REPOSITORY
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode
from spreadsheets import known, term

from exo_onto.sources import read_sources
from exo_onto.tables import terms
from exo_onto.tables.grid import Table
from exo_onto.tables.rows import read_table
from exo_onto.tables.story import Fact, Source, Story, UntellableError, read_story
from exo_onto.tables.telling import tell
from exo_onto.tables.values import Valuer

READ = read_sources(REPOSITORY)
OWN = frozenset({"study", "model", "cells", "preparation", "treatment", "activity", "outcome", "association"})
STUDY = term("study:zhu-lf-2020")
STORY = read_story(next(f for f in READ.studies if f.path.endswith("zhu-lf-2020.ttl")).triples)
LAYOUT, ALL_NAMES = known(REPOSITORY, studies=True)
SHARED = [triple for file in READ.shared for triple in file.triples]


def there_and_back(story: Story, language: str) -> Story:
    names = terms.gather(SHARED, LAYOUT)
    terms.add(names, story.triples(), LAYOUT)
    grids = tell({STUDY: story}, (), LAYOUT, Valuer(names, language, OWN))
    return read_table(Table("t", grids), LAYOUT, terms.gather(SHARED, LAYOUT), {}).studies[0].story


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_corpus_comes_back(language: str) -> None:
    stories = {}
    for file in READ.studies:
        story = read_story(file.triples)
        stories[next(f.subject for f in story.facts if f.object == term("exonto:Study"))] = story
    grids = tell(stories, (), LAYOUT, Valuer(ALL_NAMES, language, OWN))
    told = read_table(Table("t", grids), LAYOUT, terms.gather(SHARED, LAYOUT), {}).studies
    assert len(told) == len(stories) == 30
    assert all(each.story.same(stories[each.study]) for each in told)


subjects = st.sampled_from(
    [STUDY, *map(term, ("activity:zhu-lf-2020-map3k11-npc", "cells:zhu-lf-2020-npc", "entity:bax"))]
)
predicates = st.sampled_from(
    [
        *list(
            map(
                term,
                ("rdf:type", "rdfs:label", "exonto:curationNote", "exonto:of", "exonto:increases", "exonto:notStated"),
            )
        ),
        NamedNode("http://example.org/p"),
    ]
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.one_of(
    st.builds(lambda text, language: Literal(text, language=language), texts, st.sampled_from(["en", "zh", "de"])),
    st.builds(Literal, texts),
    st.builds(lambda n: Literal(str(n), datatype=term("xsd:integer")), st.integers(-99, 99)),
    st.sampled_from(list(map(term, ("GO:0006915", "exonto:setting", "entity:bax", "exonto:Activity", "GO:0000001")))),
    st.sampled_from([term("activity:zhu-lf-2020-apoptosis-npc"), NamedNode("http://example.org/o")]),
)
notes = st.lists(
    st.one_of(
        st.tuples(st.just(term("exonto:place")), st.builds(Literal, texts)),
        st.tuples(
            st.just(term("exonto:curationNote")),
            st.builds(lambda text, language: Literal(text, language=language), texts, st.sampled_from(["en", "zh"])),
        ),
        st.tuples(st.just(term("exonto:evidence")), st.just(term("ECO:0000033"))),
    ),
    min_size=1,
    max_size=4,
    unique=True,
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_whatever_a_study_says_comes_back(data: st.DataObject) -> None:
    kept = data.draw(st.lists(st.sampled_from(STORY.facts), max_size=30, unique=True))
    new = data.draw(st.lists(st.builds(Fact, subjects, predicates, values), max_size=8, unique=True))
    facts = tuple(dict.fromkeys((Fact(STUDY, term("rdf:type"), term("exonto:Study")), *kept, *new)))
    chosen = data.draw(st.lists(st.sampled_from(facts), max_size=6))
    sources = tuple(Source(fact, tuple(data.draw(notes))) for fact in chosen)
    story = Story(facts, sources)
    assert there_and_back(story, data.draw(st.sampled_from(["en", "zh"]))).same(story)


def test_provenance_without_a_column_is_told() -> None:
    fact = STORY.facts[0]
    odd = Story(STORY.facts, (Source(fact, ((term("exonto:place"), Literal("3", language="de")),)),))
    with pytest.raises(UntellableError, match="No column can hold exonto:place"):
        there_and_back(odd, "en")
