"""What the tests of quality share: a folder made of files by name, and what an inspection finds in it."""

from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

from conftest import quiet

from exo_onto.quality import inspection
from exo_onto.quality.inspection import Inspection
from exo_onto.quality.levels import Shown
from exo_onto.quality.project import Flags, Wanted, find

HEAD = "".join(
    f"@prefix {prefix}: <{namespace}> .\n"
    for prefix, namespace in {
        "ex": "http://example.org/",
        "obo": "http://purl.obolibrary.org/obo/",
        "oio": "http://www.geneontology.org/formats/oboInOwl#",
        "owl": "http://www.w3.org/2002/07/owl#",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "sh": "http://www.w3.org/ns/shacl#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    }.items()
)


def laid(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files by their names."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def flags(folder: Path) -> Flags:
    """Name what is in a folder by the names of the files: ontology.*, imports.*, shapes.*, data.*, queries/."""
    queries = folder / "queries"
    found = [tuple(sorted(folder.glob(f"{name}.*"))) for name in ("ontology", "imports", "shapes", "data")]
    return Flags(found[0], found[1], found[2], found[3], queries if queries.is_dir() else None)


def inspected(folder: Path, wanted: Wanted | None = None, known: frozenset[str] | None = None) -> Inspection:
    """Look at everything in a folder: by its settings or its layout where it has such, else by its files' names."""
    told = (folder / "exo-onto.toml").exists() or (folder / "ontology").is_dir()
    project = find(folder, Flags() if told else flags(folder), wanted or Wanted(shown=Shown.INFO), exactly=True)
    return inspection.inspect(project, known=known, progress=quiet)


def parse_xml(text: str | bytes) -> ET.Element:
    """Read a report that we have written."""
    return ET.fromstring(text)  # noqa: S314
