"""Tests of links.coverage: the counts are those of the sources, counted another way, and those of the documents."""

import re
from pathlib import Path

import pytest
from conftest import REPOSITORY
from pyoxigraph import Store
from typer.testing import CliRunner

from exo_onto import loading, sources
from exo_onto.cli import app
from exo_onto.links.coverage import Coverage, coverage, markdown


@pytest.fixture(scope="module")
def found() -> dict[str, Coverage]:
    store = Store()
    loading.load(sources.read_sources(REPOSITORY), store)
    return {each.kind: each for each in coverage(store)}


def test_the_table_of_the_documents_is_what_is_counted(found: dict[str, Coverage]) -> None:
    assert markdown(found.values()) in (REPOSITORY / "docs" / "links.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("kind", "file", "mark"),
    [
        ("genes and their products", "genes", "a exonto:GeneProduct"),
        ("miRNAs", "mirnas", "a SO:0000276"),
        ("stressors", "stressors", "Stressor ;"),
        ("families of genes", "groups", "a exonto:GeneFamily"),
    ],
)
def test_things_are_counted_as_by_the_lines_of_their_file(
    found: dict[str, Coverage], kind: str, file: str, mark: str
) -> None:
    text = (REPOSITORY / "instances" / "entities" / f"{file}.ttl").read_text("utf-8")
    assert found[kind].things == text.count(mark)


def test_every_gene_has_its_four_identifiers_and_every_mirna_its_own(found: dict[str, Coverage]) -> None:
    genes = found["genes and their products"]
    assert dict(genes.registries) == dict.fromkeys(("ensembl", "hgnc", "ncbigene", "uniprot"), genes.things)
    assert dict(found["miRNAs"].registries) == {"mirbase.mature": found["miRNAs"].things}


def test_what_is_not_linked_says_why(found: dict[str, Coverage]) -> None:
    for each in found.values():
        assert sum(count for _, count in each.reasons) == each.things - each.linked
        assert "It does not say why." not in dict(each.reasons)


def test_a_thing_without_a_link_and_a_reason_is_told(copied: Path) -> None:
    file = copied / "instances" / "entities" / "substances.ttl"
    text = re.sub(r" ;\n    exonto:notLinked .*\.", " .", file.read_text("utf-8"))
    file.write_text(text, "utf-8")
    done = CliRunner().invoke(app, ["links", "coverage", "--format", "csv", "--root", str(copied)])
    assert "hydrogels,水凝胶,1,0,,1,1: It does not say why." in done.output
    built = CliRunner().invoke(app, ["build", "--root", str(copied)])
    assert built.exit_code == 1
    assert "or say why there is nothing to link it to" in built.output
