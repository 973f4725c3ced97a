"""Every shape of shapes/ beside its specimens: what it lets pass, and what it says of what it does not.

A shape is judged alone: the other shapes are there, and have no targets.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse
from validating import differences, turtle, validated

from exo_onto.paths import ShapesError
from exo_onto.shapes import compile_shapes
from exo_onto.validate import Severity
from exo_onto.vocabulary import BASE, PREFIXES, RDF_TYPE, RDFS_SUBCLASSOF

SPECIMENS = Path(__file__).parent / "specimens" / "shapes"
FOLDERS = sorted(folder.name for folder in SPECIMENS.iterdir())
FAILS = sorted(path.relative_to(SPECIMENS).with_suffix("").as_posix() for path in SPECIMENS.glob("*/fail*.ttl"))

SH = PREFIXES["sh"]
TARGETS = {NamedNode(f"{SH}target{kind}") for kind in ("Class", "Node", "ObjectsOf", "SubjectsOf")}

FORBIDDING = {"EdgesRunForward", "MechanismsAreInferred"}
"""Shapes that refuse whatever they meet, so that a specimen can only pass by giving them nothing to judge."""


@pytest.fixture(scope="module")
def ontology(root: Path) -> list[Triple]:
    return [*_read_all(root / "ontology"), *_read_all(root / "ontology" / "imports")]


@pytest.fixture(scope="module")
def shapes(root: Path) -> list[Triple]:
    return list(_read_all(root / "shapes"))


def test_every_named_shape_has_a_folder_and_every_folder_its_shape(shapes: list[Triple]) -> None:
    kind = NamedNode(f"{SH}NodeShape")
    typed = {t.subject for t in shapes if t.predicate == RDF_TYPE and t.object == kind}
    assert {node for node in typed if isinstance(node, NamedNode)} == {_shape(folder) for folder in FOLDERS}


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_folder_holds_one_pass_and_some_fails(folder: str) -> None:
    names = {path.name for path in (SPECIMENS / folder).iterdir()}
    fails = {name for name in names if re.fullmatch(r"fail(-[a-z0-9-]+)?\.ttl", name)}
    assert fails
    assert names - fails == {"pass.ttl"}


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_specimen_says_on_top_what_it_shows(folder: str) -> None:
    for path in (SPECIMENS / folder).iterdir():
        assert re.match(r"# [A-Z][^\n]*\.\n", path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_message_of_a_shape_is_expected_by_a_fail(folder: str, shapes: list[Triple]) -> None:
    expected = {words for path in (SPECIMENS / folder).glob("fail*.ttl") for words in _expected(path)}
    literal = {re.sub(r"\S+/\S+ ", "", words) for words in expected}  # an IRI there fills a place of the message
    assert [text for text in _messages(shapes, folder) if not any(words in text for words in literal)] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_pass_gives_each_target_of_its_shape_something_to_judge(
    folder: str, ontology: list[Triple], shapes: list[Triple]
) -> None:
    specimen = [*_read(SPECIMENS / folder / "pass.ttl"), *(t for t in ontology if t.predicate == RDFS_SUBCLASSOF)]
    targets = [t for t in shapes if t.predicate in TARGETS and t.subject == _shape(folder)]
    idle = [target for target in targets if not _meets(target, specimen)]
    assert targets
    assert idle == (targets if folder in FORBIDDING else [])


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_pass_gives_no_result(folder: str, ontology: list[Triple], shapes: list[Triple]) -> None:
    data = [*ontology, *_read(SPECIMENS / folder / "pass.ttl")]
    assert validated(data, _alone(shapes, folder)).results == ()
    assert differences(data, _alone(shapes, folder)) == []


@pytest.mark.parametrize("fail", FAILS)
def test_a_fail_gives_the_results_that_it_expects_and_no_other(
    fail: str, ontology: list[Triple], shapes: list[Triple]
) -> None:
    path, folder = SPECIMENS / f"{fail}.ttl", Path(fail).parent.name
    data = [*ontology, *_read(path)]
    assert differences(data, _alone(shapes, folder)) == []
    report = validated(data, _alone(shapes, folder))
    results = [result for result in report.results if result.shape == _shape(folder).value]
    assert results
    assert {result.severity for result in results} == {_severity(shapes, folder)}
    messages, expected = {result.message for result in results}, _expected(path)
    assert [words for words in expected if not any(words in message for message in messages)] == []
    assert not expected or [m for m in messages if not any(words in m for words in expected)] == []


def _read(path: Path) -> Iterator[Triple]:
    quads = parse(path.read_bytes(), format=RdfFormat.TURTLE, rename_blank_nodes=True)
    return (quad.triple for quad in quads)


def _read_all(folder: Path) -> Iterator[Triple]:
    for path in sorted(folder.glob("*.ttl")):
        yield from _read(path)


def _shape(folder: str) -> NamedNode:
    return NamedNode(f"{BASE}shape/{folder}")


def _alone(shapes: Iterable[Triple], folder: str) -> list[Triple]:
    """Take their targets from all named shapes but one."""
    return [t for t in shapes if t.predicate not in TARGETS or t.subject == _shape(folder)]


def _meets(target: Triple, specimen: Iterable[Triple]) -> bool:
    """Ask whether a target has focus nodes, by a shape that refuses them all."""
    probe = [
        Triple(target.subject, RDF_TYPE, NamedNode(f"{SH}NodeShape")),
        Triple(target.subject, NamedNode(f"{SH}hasValue"), NamedNode("urn:exo-onto:none")),
        target,
    ]
    return bool(validated(specimen, probe).results)


def _severity(shapes: Iterable[Triple], folder: str) -> Severity:
    """Give the severity that a shape states, or a violation (SHACL, section 2.1.4)."""
    said = {t.object for t in shapes if t.subject == _shape(folder) and t.predicate == NamedNode(f"{SH}severity")}
    return next((s for s in Severity if NamedNode(f"{SH}{s.name.capitalize()}") in said), Severity.VIOLATION)


def _messages(shapes: list[Triple], folder: str) -> Iterator[str]:
    """Give the messages of a named shape and of the nameless ones that it is made of."""
    waiting: list[NamedNode | BlankNode] = [_shape(folder)]
    while waiting:
        node = waiting.pop()
        for triple in (t for t in shapes if t.subject == node):
            if triple.predicate == NamedNode(f"{SH}message") and isinstance(triple.object, Literal):
                yield triple.object.value
            elif isinstance(triple.object, BlankNode):
                waiting.append(triple.object)


def _expected(path: Path) -> list[str]:
    """Give the words that a specimen expects in its messages."""
    return re.findall(r"^# expect: (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)


### What is refused, by name


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (":S sh:targetNode :a ; sh:node :S .", "recursive"),
        (":S sh:targetNode :a ; sh:property [ sh:path :p ; sh:node :S ] .", "recursive"),
        (":S sh:targetNode :a ; sh:not [ sh:or ( :S ) ] .", "recursive"),
        (
            ":S sh:targetNode :a ; sh:property [ sh:path :p ; sh:qualifiedMinCount 1 ; sh:qualifiedValueShape :S ] .",
            "recursive",
        ),
        (":S a sh:PropertyShape ; sh:targetNode :a ; sh:minCount 1 .", "no sh:path"),
        (":S sh:targetNode :a ; sh:property [ sh:minCount 1 ] .", "no sh:path"),
        (":S sh:targetNode :a ; sh:minCount 1 .", "node shape and has sh:minCount"),
        (":S sh:targetNode :a ; sh:property [ sh:path :p ; sh:minCount 'many' ] .", "no whole number"),
        (":S sh:targetNode :a ; sh:property [ sh:path :p ; sh:maxCount 1000 ] .", "beyond 0 to 50"),
        (":S sh:targetNode :a ; sh:nodeKind :IRI .", "does not know"),
        (":S sh:targetNode :a ; sh:property [ sh:path ( :p ) ; sh:minCount 1 ] .", "fewer than two members"),
        (":S sh:targetNode :a ; sh:sparql [ sh:select 'ASK { ?s ?p ?o }' ] .", "no SELECT query"),
        (":S sh:targetNode :a ; sh:sparql [ sh:select 'SELECT $this { MINUS { ?s ?p ?o } }' ] .", "SHACL forbids"),
        (":S sh:targetNode :a ; sh:sparql [ sh:message 'x' ] .", "without one sh:select"),
    ],
)
def test_what_is_ill_formed_is_refused_by_name(content: str, says: str) -> None:
    with pytest.raises(ShapesError, match=says):
        compile_shapes(turtle(content))


def test_shapes_nested_too_deep_are_refused() -> None:
    deep = "[ sh:not " * 60 + ":T" + " ]" * 60
    with pytest.raises(ShapesError, match="deeper than"):
        compile_shapes(turtle(f":S sh:targetNode :a ; sh:not {deep} ."))


def test_a_query_reads_well() -> None:
    (check,) = compile_shapes(turtle(":S sh:targetClass :C ; sh:property [ sh:path :p ; sh:minCount 1 ] .")).checks
    assert " ".join(check.query.split()) == (
        "SELECT DISTINCT (?root AS ?focus) WHERE { { SELECT DISTINCT ?root WHERE { { @members(?root <http://example.org/C>) } } } "
        "FILTER (!EXISTS { ?root <http://example.org/p> ?v0 . }) }"
    )
