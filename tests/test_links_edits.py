"""Tests of links.edits: a change of Turtle alters what it should, and leaves comments, order and layout alone."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse

from exo_onto.links.edits import Change, EditError, added, mentions, prefixes, replaced, replaced_in_turtle

GO = "http://purl.obolibrary.org/obo/GO_"
TURTLE = f"""# On top: GO:0007050 is not to be touched here.
@prefix GO: <{GO}> .
@prefix ex: <https://example.org/> .

ex:a  a GO:0007050 ;   # aligned by hand, GO:0007050
    ex:says "GO:0007050 <{GO}0007050>"@en , '''GO:0007050 . ;
 # no comment''' ;
    ex:parts ( GO:0007050 [ a <{GO}0007050> ; ex:n 1.5 ] ) .

ex:b a GO:00070501 ; ex:n 5.
"""


def test_a_name_is_replaced_where_it_is_a_term_and_nowhere_else() -> None:
    after = replaced_in_turtle(TURTLE, {f"{GO}0007050": f"{GO}0051726"})
    expected = TURTLE.replace("a GO:0007050 ;", "a GO:0051726 ;", 1).replace("( GO:0007050", "( GO:0051726")
    expected = expected.replace(f"[ a <{GO}0007050>", "[ a GO:0051726")
    assert after == expected


def test_what_no_prefix_of_the_file_reaches_is_written_in_full() -> None:
    after = replaced_in_turtle(TURTLE, {f"{GO}0007050": "http://purl.obolibrary.org/obo/CL_0000000"})
    assert "ex:a  a <http://purl.obolibrary.org/obo/CL_0000000> ;" in after


def test_every_term_of_the_repository_is_seen_by_the_lexer_as_by_the_parser(root: Path) -> None:
    for path in [*root.glob("ontology/**/*.ttl"), *root.glob("shapes/*.ttl"), *root.glob("instances/**/*.ttl")]:
        text = path.read_text("utf-8")
        quads = list(parse(text, format=RdfFormat.TURTLE))
        parsed = {t.value for quad in quads for t in quad.triple if type(t).__name__ == "NamedNode"}
        parsed |= {quad.object.datatype.value for quad in quads if type(quad.object).__name__ == "Literal"}
        seen = {mention.iri for mention in mentions(text)}
        assert seen <= parsed, path.name
        sugar = {"rdf-syntax-ns#", "XMLSchema#"}
        assert not {iri for iri in parsed - seen if not any(each in iri for each in sugar)}, path.name


def test_a_line_is_counted_from_one() -> None:
    assert [m.line for m in mentions(TURTLE) if m.iri.endswith("0007050")] == [5, 8, 8]


def test_a_query_is_changed_like_turtle() -> None:
    query = f'PREFIX GO: <{GO}>\nSELECT * {{ ?s a GO:0007050 FILTER (?n < 5 && ?m > 3) BIND ("GO:0007050" AS ?t) }}'
    assert replaced(query, {f"{GO}0007050": f"{GO}0051726"}) == query.replace("a GO:0007050", "a GO:0051726")


def test_a_statement_is_put_behind_a_predicate() -> None:
    after = added(TURTLE, "https://example.org/a", [("https://example.org/doi", '"10.1/x"')], after="http://x/none")
    assert after == TURTLE.replace("ex:n 1.5 ] ) .", 'ex:n 1.5 ] ) ;\n    ex:doi "10.1/x" .')
    after = added(
        TURTLE, "https://example.org/a", [("https://example.org/doi", '"x"')], after="https://example.org/says"
    )
    assert after == TURTLE.replace("comment''' ;", "comment''' ;\n    ex:doi \"x\" ;")


def test_a_subject_without_a_block_is_refused() -> None:
    with pytest.raises(EditError, match="No block"):
        added(TURTLE, "https://example.org/none", [("https://example.org/doi", '"x"')], after="")


def test_a_statement_that_is_no_turtle_is_refused() -> None:
    with pytest.raises((EditError, SyntaxError)):
        added(TURTLE, "https://example.org/a", [("https://example.org/doi", '"x')], after="")


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
TERMS = st.one_of(
    st.sampled_from(["ex:old", "<https://example.org/old>", "ex:older", "ex:ol%64", "ex:a\\.b", "5", "1.5", "true"]),
    WORDS.map(
        lambda w: '"' + w.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r") + '"@en'
    ),
    WORDS.map(lambda w: "'''" + w.replace("\\", "\\\\").replace("'", "\\'") + " ex:old'''"),
)
SPACE = st.sampled_from([" ", "\n    ", "  # ex:old said here\n", "\t"])


@given(st.lists(st.tuples(TERMS, SPACE), min_size=1, max_size=6))
def test_whatever_stands_around_it_only_the_term_is_replaced(objects: list[tuple[str, str]]) -> None:
    said = " , ".join(f"{term}{space}" for term, space in objects)
    text = f"@prefix ex: <https://example.org/> .\nex:s ex:p {said} .\n"
    after = replaced_in_turtle(text, {"https://example.org/old": "https://example.org/new"})
    assert prefixes(after) == {"ex": "https://example.org/"}
    assert not [m for m in mentions(after) if m.iri == "https://example.org/old"]
    assert after.count("#") == text.count("#")
    back = replaced(after, {"https://example.org/new": "https://example.org/old"})
    assert back == text.replace("<https://example.org/old>", "ex:old")


def test_a_change_is_shown_as_a_diff() -> None:
    assert Change("x.ttl", "a\nb\n", "a\nc\n").diff() == "--- a/x.ttl\n+++ b/x.ttl\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n"
