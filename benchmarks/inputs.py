"""inputs: a root folder in, out come the files that the peers read: the same triples in the forms that they know.

None of this is timed as a peer's work; only the conversion to OWL/XML is reported, because nobody has such files.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyhornedowl
from pyoxigraph import RdfFormat, Triple, parse, serialize

from exo_onto.vocabulary import OWL_AXIOM, RDF_TYPE, SH_ENTAILMENT


@dataclass(frozen=True)
class Inputs:
    """The files that peers read, and the folder where they write."""

    folder: Path

    @property
    def root(self) -> Path:
        """The root folder that they were made from, for us."""
        return self.folder / "root"

    @property
    def turtle(self) -> Path:
        """All that is asserted, as Turtle."""
        return self.folder / "asserted.ttl"

    @property
    def axioms(self) -> Path:
        """All that is asserted but for the annotations of axioms, as N-Triples: what OWL reasoners read."""
        return self.folder / "axioms.nt"

    @property
    def rdf_xml(self) -> Path:
        """The same as RDF/XML."""
        return self.folder / "axioms.rdf"

    @property
    def owl_xml(self) -> Path:
        """The same as OWL/XML."""
        return self.folder / "axioms.owx"

    @property
    def shapes(self) -> Path:
        """The shapes about what is written; those about consequences need a reasoner first."""
        return self.folder / "shapes.ttl"


def prepare(root: Path, folder: Path) -> Inputs:
    """Write the files that the peers read, file by file of the root, so that memory is constant."""
    made = Inputs(folder)
    folder.mkdir(parents=True, exist_ok=True)
    made.root.symlink_to(root.resolve())
    with made.turtle.open("wb") as file:
        serialize(_asserted(root), file, format=RdfFormat.TURTLE)
    with made.axioms.open("wb") as file:
        serialize(_axioms(root), file, format=RdfFormat.N_TRIPLES)
    with made.rdf_xml.open("wb") as file:
        serialize(_axioms(root), file, format=RdfFormat.RDF_XML)
    with made.shapes.open("wb") as file:
        serialize(_shapes(root), file, format=RdfFormat.TURTLE)
    return made


def convert(inputs: Inputs) -> None:
    """Write the axioms as OWL/XML, the form that Konclude reads."""
    ontology = pyhornedowl.open_ontology_from_file(str(inputs.rdf_xml), serialization="rdf")
    ontology.save_to_file(str(inputs.owl_xml), serialization="owx")


def _files(root: Path) -> Iterator[Path]:
    for folder in ("ontology", "instances"):
        yield from sorted((root / folder).rglob("*.ttl"))


def _read(path: Path) -> list[Triple]:
    return [quad.triple for quad in parse(path=path, format=RdfFormat.TURTLE, rename_blank_nodes=True)]


def _asserted(root: Path) -> Iterator[Triple]:
    for path in _files(root):
        yield from _read(path)


def _axioms(root: Path) -> Iterator[Triple]:
    """Leave out the annotations of axioms: they mean nothing, and the OWL API takes each for the axiom itself."""
    for path in _files(root):
        triples = _read(path)
        annotations = {
            triple.subject for triple in triples if (triple.predicate, triple.object) == (RDF_TYPE, OWL_AXIOM)
        }
        yield from (triple for triple in triples if triple.subject not in annotations)


def _shapes(root: Path) -> Iterator[Triple]:
    for path in sorted((root / "shapes").rglob("*.ttl")):
        triples = _read(path)
        if not _about_consequences(triples):
            yield from triples


def _about_consequences(triples: Iterable[Triple]) -> bool:
    return any(triple.predicate == SH_ENTAILMENT for triple in triples)
