"""Small ontologies in every syntax that `links` reads, and the folder of real ones where it is there."""

import gzip
import json
from collections.abc import Iterable
from pathlib import Path

import pyhornedowl
import pytest
from conftest import REPOSITORY

from exo_onto.links.terms import Header, Kind, Term

OBO = "http://purl.obolibrary.org/obo/"
REFERENCE = REPOSITORY.parent / "shared" / "reference"
needs_reference = pytest.mark.skipif(not REFERENCE.is_dir(), reason="the reference files are not beside this checkout")

SMALL_OBO = """format-version: 1.2
data-version: releases/2026-01-31
ontology: go
property_value: http://purl.org/dc/terms/license https://creativecommons.org/licenses/by/4.0/

[Term]
id: GO:0008150
name: biological_process

[Term]
id: GO:0008219
name: cell death
is_a: GO:0008150 ! biological_process

[Term]
id: GO:0012501
name: programmed cell death
is_a: GO:0008219 ! cell death

[Term]
id: GO:0006915
name: apoptotic process
is_a: GO:0012501 ! programmed cell death

[Term]
id: GO:0042981
name: regulation of apoptotic process
is_a: GO:0008150 ! biological_process
relationship: regulates GO:0006915 ! apoptotic process

[Term]
id: GO:0006917
name: obsolete induction of apoptosis
is_obsolete: true
replaced_by: GO:0006915

[Typedef]
id: regulates
name: regulates
xref: RO:0002211

"""


def iri(curie: str) -> str:
    """Give the IRI of an OBO term."""
    return OBO + curie.replace(":", "_")


def written(folder: Path, name: str, text: str | bytes) -> Path:
    """Write a file; packed where the name says so."""
    content = text.encode() if isinstance(text, str) else text
    path = folder / name
    path.write_bytes(gzip.compress(content, mtime=0) if name.endswith(".gz") else content)
    return path


def in_syntax(serialization: str) -> str:
    """Give the small ontology as py-horned-owl writes it: rdf, owx or ofn."""
    ontology = pyhornedowl.open_ontology_from_string(SMALL_OBO, serialization="obo")
    text: str = ontology.save_to_string(serialization)  # type: ignore[arg-type]
    return text


def as_json() -> str:
    """Give the small ontology as an OBO graph."""
    names = {
        "GO:0008150": "biological_process",
        "GO:0008219": "cell death",
        "GO:0012501": "programmed cell death",
        "GO:0006915": "apoptotic process",
        "GO:0042981": "regulation of apoptotic process",
    }
    nodes: list[object] = [{"id": iri(each), "lbl": name, "type": "CLASS"} for each, name in names.items()]
    replaced = {"pred": iri("IAO:0100001"), "val": iri("GO:0006915")}
    meta = {"deprecated": True, "basicPropertyValues": [replaced]}
    nodes.append({"id": iri("GO:0006917"), "lbl": "obsolete induction of apoptosis", "type": "CLASS", "meta": meta})
    nodes.append({"id": iri("RO:0002211"), "lbl": "regulates", "type": "PROPERTY", "propertyType": "OBJECT"})
    below = [("GO:0008219", "GO:0008150"), ("GO:0012501", "GO:0008219"), ("GO:0006915", "GO:0012501")]
    below.append(("GO:0042981", "GO:0008150"))
    edges = [{"sub": iri(one), "pred": "is_a", "obj": iri(other)} for one, other in below]
    edges.append({"sub": iri("GO:0042981"), "pred": iri("RO:0002211"), "obj": iri("GO:0006915")})
    meta = {"version": f"{OBO}go/releases/2026-01-31/go.json"}
    return json.dumps({"graphs": [{"id": f"{OBO}go.owl", "meta": meta, "nodes": nodes, "edges": edges}]})


def term(curie: str, label: str, above: Iterable[str] = (), **more: object) -> Term:
    """Make a class."""
    parents = tuple(sorted(map(iri, above)))
    return Term(iri(curie), Kind.CLASS, label, parents, **more)  # type: ignore[arg-type]


def header(name: str, date: str, *, imports: bool = False) -> Header:
    """Make the header of an ontology of OBO."""
    return Header(f"{OBO}{name}.owl", date, date, name.upper(), "https://example.org/licence", imports)
