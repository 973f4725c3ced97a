"""Tests of terms: which one a name means, in either language, and what is said where it means none or several."""

from pathlib import Path

import pytest
from spreadsheets import known, term

from exo_onto.tables.layout import Range
from exo_onto.tables.terms import Names, UnresolvedError, folded, identifier


@pytest.fixture(scope="module")
def names() -> Names:
    return known(Path(__file__).parent.parent)[1]


MOLECULE = Range(classes=(term("exonto:MolecularEntity"),))
PROCESS = Range(below=(term("GO:0008150"), term("exonto:DiscProcess")))
CERTAINTY = Range(choices=(term("exonto:CertaintyStated"), term("exonto:CertaintyHedged")))
BASIS = Range(choices=(term("exonto:Stated"), term("exonto:Composed")))


@pytest.mark.parametrize(
    ("name", "wanted", "meant"),
    [
        ("MAP3K11", MOLECULE, "entity:map3k11"),  # by symbol
        ("mitogen-activated protein kinase kinase kinase 11", MOLECULE, "entity:map3k11"),  # by synonym
        ("混合谱系激酶3", MOLECULE, "entity:map3k11"),  # by label in Chinese
        ("map3k11", MOLECULE, "entity:map3k11"),  # by slug
        ("entity:map3k11", MOLECULE, "entity:map3k11"),  # by CURIE
        ("https://w3id.org/exo-onto/entity/map3k11", MOLECULE, "entity:map3k11"),  # by IRI
        ("HGNC:791", MOLECULE, "entity:atf6"),  # by an identifier that stands for it
        (" Mir‑142‑3P ", MOLECULE, "entity:mir-142-3p"),  # noqa: RUF001  case, blanks and dashes aside
        ("ＭＡＰ３Ｋ１１", MOLECULE, "entity:map3k11"),  # noqa: RUF001  width aside
        ("MAP\u200b3K11\u202c", MOLECULE, "entity:map3k11"),  # what nobody sees aside
        ("apoptotic process", PROCESS, "GO:0006915"),
        ("细胞凋亡", PROCESS, "GO:0006915"),
        ("oxidative stress", PROCESS, "exonto:OxidativeStress"),
        ("stated", CERTAINTY, "exonto:CertaintyStated"),  # what may stand there decides
        ("stated", BASIS, "exonto:Stated"),
    ],
)
def test_a_name_means_a_term(names: Names, name: str, wanted: Range, meant: str) -> None:
    assert names.resolve(name, wanted) == term(meant)


@pytest.mark.parametrize(
    ("name", "wanted", "said"),
    [
        ("MAP3K1", MOLECULE, r"unknown here. Nearest: MAP3K11 \(entity:map3k11\)"),
        ("apoptosys", PROCESS, r"Nearest: .*\(GO:0006915\)"),
        ("stated", Range(choices=(*CERTAINTY.choices, *BASIS.choices)), r"ambiguous.*CertaintyStated.* or .*Stated"),
        ("GO:0006915", MOLECULE, r"apoptotic process \(GO:0006915\) is not of the kind that stands here"),
        ("entity:map3k12", MOLECULE, r"nothing here has that identifier. Nearest: .*map3k11"),
        ("", MOLECULE, "unknown"),
        ("qqqqqqqq", BASIS, "One may write, for instance: "),
    ],
)
def test_a_name_that_means_none_or_several_is_told(names: Names, name: str, wanted: Range, said: str) -> None:
    with pytest.raises(UnresolvedError, match=said):
        names.resolve(name, wanted)


def test_an_identifier_that_stands_for_two_is_ambiguous(names: Names) -> None:
    names.stands_for[term("HGNC:999999")] |= {term("entity:bax"), term("entity:bcl2")}
    with pytest.raises(UnresolvedError, match="stands for"):
        names.resolve("HGNC:999999", MOLECULE)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("wanted", [MOLECULE, PROCESS, CERTAINTY, BASIS])
def test_the_name_that_is_written_means_the_term(names: Names, wanted: Range, language: str) -> None:
    for each in names.members(wanted):
        assert names.resolve(names.written(each, wanted, language, own=False), wanted) == each


def test_members_are_those_that_a_range_holds(names: Names) -> None:
    assert names.members(CERTAINTY) == list(CERTAINTY.choices)
    assert term("entity:bax") in names.members(MOLECULE)
    assert not names.members(Range(anything=True))
    cells = Range(schemes=(term("exonto:sourceCells"),))
    assert term("CL:0002540") in names.members(cells)
    assert names.holds(Range(kinds=("cells",)), term("cells:any"))


def test_identifiers_read_back() -> None:
    assert identifier(term("GO:0006915")) == "GO:0006915"
    assert folded("  A\u200b  b") == "a b"
