"""Tests of links.merge: each of its rules, and what holds of every merge."""

from collections.abc import Iterable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ontologies import header, iri, term

from exo_onto.links.merge import Account, Merger, Origin, Voice, gathered, homes, reach
from exo_onto.links.terms import Relation, Term

PART_OF = iri("BFO:0000050")


def voice(name: str, date: str, *terms: Term, given: bool = True, imports: bool = False) -> Voice:
    origin = Origin(f"{name}-{date}", header(name, date, imports=imports), f"{name}{date}")
    return Voice(origin, {each.iri: each for each in terms}, given)


def account(of: str, *voices: Voice) -> Account:
    found = Merger(voices, [PART_OF]).account(iri(of))
    assert found is not None
    return found


def parents(of: str, *voices: Voice) -> dict[str, str]:
    return {each: origin.header.date or "" for each, origin in account(of, *voices).parents.items()}


ROOT, MIDDLE, LEAF = term("GO:1", "root"), term("GO:2", "middle", ["GO:1"]), term("GO:3", "leaf", ["GO:2"])
FULL = voice("go", "2024", ROOT, MIDDLE, LEAF)


@pytest.mark.parametrize(
    ("ontology", "prefix"),
    [
        ("http://purl.obolibrary.org/obo/go.owl", "go"),
        ("http://purl.obolibrary.org/obo/uberon/musculoskeletal.owl", "uberon"),
        ("http://www.ebi.ac.uk/efo/imports/go_import.owl", "go"),
        ("http://purl.obolibrary.org/obo/go/imports/chebi_import.owl", "chebi"),
        ("http://purl.obolibrary.org/obo/mirbase.mature.owl", "mirbase.mature"),
    ],
)
def test_an_ontology_owns_the_prefix_of_its_name(ontology: str, prefix: str) -> None:
    assert prefix in homes(ontology)


def test_an_import_is_not_of_the_ontology_that_imports() -> None:
    assert "go" not in homes("http://purl.obolibrary.org/obo/go/imports/chebi_import.owl")
    assert homes(None) == {""}


def test_the_ontology_itself_is_heard_before_others_that_import_of_it() -> None:
    other = voice("cl", "2026", term("GO:3", "leaf as CL has it", ["GO:1"]))
    assert account("GO:3", FULL, other).term.label == "leaf"
    assert account("GO:3", other).term.label == "leaf as CL has it"


def test_a_newer_version_takes_the_place_of_an_older_one() -> None:
    newer = voice("go", "2025", ROOT, MIDDLE, term("GO:3", "leaf", ["GO:1"]))
    assert parents("GO:3", FULL, newer) == {iri("GO:1"): "2025"}


def test_a_slice_that_leaves_steps_out_is_filled_from_an_older_whole() -> None:
    part = voice("slice/imports/go_import", "2026", ROOT, term("GO:3", "leaf", ["GO:1"]))
    found = gathered([iri("GO:3")], Merger([FULL, part], []))
    assert {each: origin.header.date for each, origin in found[iri("GO:3")].parents.items()} == {iri("GO:2"): "2024"}
    assert found[iri("GO:3")].origin.header.date == "2026"


def test_what_a_newer_one_knows_and_does_not_say_is_not_taken_from_an_older() -> None:
    part = voice("slice/imports/go_import", "2026", ROOT, MIDDLE, term("GO:3", "leaf", ["GO:1"]))
    assert parents("GO:3", FULL, part) == {iri("GO:1"): "2026"}


def test_a_term_that_was_renamed_takes_nothing_from_the_time_before() -> None:
    part = voice("slice/imports/go_import", "2026", term("GO:3", "leaf of another kind"))
    assert parents("GO:3", FULL, part) == {}


def test_a_file_without_its_imports_denies_nothing_and_takes_nobodys_place() -> None:
    edit = voice("go", "2026", ROOT, MIDDLE, term("GO:3", "leaf"), imports=True)
    assert parents("GO:3", FULL, edit) == {iri("GO:2"): "2024"}


def test_a_parent_that_is_withdrawn_gives_way_to_its_replacement() -> None:
    gone = term("GO:2", "obsolete middle", obsolete=True, replacements=(iri("GO:1"),))
    part = voice("slice/imports/go_import", "2026", ROOT, gone)
    assert parents("GO:3", FULL, part) == {iri("GO:1"): "2024"}
    without = term("GO:2", "obsolete middle", obsolete=True)
    assert parents("GO:3", FULL, voice("slice/imports/go_import", "2026", ROOT, without)) == {}


def test_replacements_that_run_in_a_circle_end() -> None:
    one = term("GO:1", "a", obsolete=True, replacements=(iri("GO:2"),))
    two = term("GO:2", "b", obsolete=True, replacements=(iri("GO:1"),))
    assert Merger([voice("go", "2026", one, two)], []).current(iri("GO:1")) is None


def test_a_record_that_is_newer_than_the_file_stays_as_it_was() -> None:
    record = voice("go", "2026", term("GO:3", "leaf"), given=False)
    found = account("GO:3", FULL, record)
    assert (found.term.label, found.parents, found.origin.header.date) == ("leaf", {}, "2026")


def test_a_term_that_stays_keeps_what_it_has_of_a_file_that_is_given_again() -> None:
    record = voice("go", "2026", term("GO:3", "leaf, renamed"), given=False)
    share = voice("go", "2024", term("GO:3", "leaf, renamed", ["GO:1"]), given=False)
    assert parents("GO:3", FULL, record, share) == {iri("GO:1"): "2024"}


def test_what_a_module_has_of_several_sources_stays_where_none_of_them_is_given() -> None:
    newer = voice("go", "2026", ROOT, MIDDLE, term("GO:3", "leaf", ["GO:1"]), given=False)
    older = voice("go", "2024", term("GO:3", "leaf", ["GO:2"]), given=False)
    assert parents("GO:3", newer, older) == {iri("GO:1"): "2026", iri("GO:2"): "2024"}


def test_where_the_file_is_the_newest_what_was_kept_of_it_says_nothing_more() -> None:
    edit = voice("go", "2026", ROOT, MIDDLE, term("GO:3", "leaf", ["GO:2"]), imports=True)
    share = voice("go", "2026", term("GO:3", "leaf", ["GO:1"]), given=False)
    assert parents("GO:3", edit, share) == {iri("GO:2"): "2026"}


def test_an_older_record_is_replaced_by_the_file_and_kept_where_that_has_nothing() -> None:
    record = voice("go", "2020", term("GO:3", "old leaf"), term("GO:4", "kept", ["GO:1"]), given=False)
    assert account("GO:3", FULL, record).term.label == "leaf"
    assert parents("GO:4", FULL, record) == {iri("GO:1"): "2020"}


def test_relations_are_followed_where_they_are_chosen() -> None:
    chosen, other = Relation(PART_OF, iri("GO:2")), Relation(iri("RO:1"), iri("GO:1"))
    leaf = term("GO:3", "leaf", ["GO:1"], relations=(chosen, other))
    found = gathered([iri("GO:3")], Merger([voice("go", "2026", ROOT, MIDDLE, leaf)], [PART_OF]))
    assert set(found[iri("GO:3")].relations) == {chosen}
    assert set(found) == {iri("GO:1"), iri("GO:2"), iri("GO:3")}


def test_a_term_that_nobody_has_has_no_account() -> None:
    assert Merger([FULL], []).account(iri("GO:9")) is None
    assert gathered([iri("GO:9")], Merger([FULL], [])) == {}


NAMES = [f"GO:{number}" for number in range(8)]


@st.composite
def sources(draw: st.DrawFn) -> list[Voice]:
    """Make up to three files, of different years, in each of which a term is below terms with lower numbers."""
    voices = []
    for year, name in ((2020, "go"), (2024, "go"), (2026, "slice/imports/go_import")):
        held = draw(st.lists(st.sampled_from(range(8)), unique=True))
        terms = []
        for number in held:
            above = draw(st.lists(st.sampled_from(NAMES[:number]), max_size=3)) if number else []
            gone = draw(st.booleans()) and draw(st.booleans())
            label = draw(st.sampled_from([f"term {number}", "renamed"]))
            terms.append(term(NAMES[number], label, [] if gone else set(above), obsolete=gone))
        voices.append(voice(name, str(year), *terms, given=draw(st.booleans())))
    return voices


def above(accounts: Mapping[str, Account], of: str) -> Iterable[str]:
    return accounts[of].parents if of in accounts else ()


@given(sources())
@settings(max_examples=150, deadline=None)
def test_a_merge_says_only_what_a_source_says_and_has_no_circle(voices: list[Voice]) -> None:
    accounts = gathered(map(iri, NAMES), Merger(voices, []))
    for name, found in accounts.items():
        higher = reach(name, lambda each: above(accounts, each))
        assert name not in higher
        assert set(found.parents) <= accounts.keys()
        assert not any(accounts[each].term.obsolete for each in found.parents)
        said = {parent for each in voices if name in each.terms for parent in each.terms[name].parents}
        assert set(found.parents) <= said
        for one in found.parents:
            assert not any(
                one in reach(other, lambda each: above(accounts, each)) for other in found.parents if other != one
            )


@given(sources())
@settings(max_examples=60, deadline=None)
def test_the_order_of_the_files_does_not_matter(voices: list[Voice]) -> None:
    one = gathered(map(iri, NAMES), Merger(voices, []))
    other = gathered(map(iri, NAMES), Merger(voices[::-1], []))
    assert one == other
