"""Tests of what is shipped: every code has a page, every page an example that brings the code about."""

import ast
import re
from pathlib import Path

import pytest
from conftest import REPOSITORY
from examining import inspected, laid

from exo_onto.constraints import CONSTRAINTS
from exo_onto.links.status import Code
from exo_onto.quality import shipped
from exo_onto.quality.levels import Shown
from exo_onto.quality.pages import file_name
from exo_onto.quality.project import Wanted

PAGES = shipped.pages()
WITHOUT_EXAMPLE = {"referees", *Code}
"""What a folder of three files does not bring about: tests/test_check.py has a referee lie, and tests/test_links_status.py
brings each finding about links about, beside modules of other ontologies."""
SHOWS_ANOTHER = {"shape": "sh:MinCountConstraintComponent"}


@pytest.mark.parametrize("code", sorted(PAGES.keys() - WITHOUT_EXAMPLE))
def test_the_example_of_a_page_brings_its_code_about(code: str, tmp_path: Path) -> None:
    root = laid(tmp_path, PAGES[code].files)
    found = inspected(root, Wanted(shown=Shown.INFO))
    wanted = SHOWS_ANOTHER.get(code, code)
    hits = [each for each in found.diagnostics if each.code == wanted]
    assert hits, [(each.code, each.what) for each in found.diagnostics]
    for each in found.diagnostics:
        assert each.place is not None
        assert each.place.line is not None
        assert (root / each.place.file).is_file(), each.place


def test_every_check_has_a_page_a_severity_and_a_page_has_its_name() -> None:
    names = {check.code for check in shipped.checks()}
    assert names <= shipped.levels().keys() <= PAGES.keys()
    assert {file_name(code) for code in PAGES} == {path.name for path in (REPOSITORY / "docs/diagnostics").glob("*.md")}


def test_every_code_that_the_source_emits_has_a_page() -> None:
    emitted = set()
    for path in (REPOSITORY / "exo_onto").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Diagnostic":
                named = [each.value for each in node.keywords if each.arg == "code"]
                emitted |= {each.value for each in [*node.args[:1], *named] if isinstance(each, ast.Constant)}
    assert emitted >= {"syntax", "contradiction", "uncompiled", "answer", "left-out"}
    assert emitted <= PAGES.keys()


def test_every_finding_about_links_has_a_page_and_a_test() -> None:
    tried = (REPOSITORY / "tests" / "test_links_status.py").read_text("utf-8")
    assert set(Code) <= PAGES.keys()
    assert [code for code in Code if f"Code.{code.name}" not in tried] == []


def test_every_component_of_shacl_that_is_compiled_has_a_page() -> None:
    source = "".join((REPOSITORY / "exo_onto" / f"{name}.py").read_text("utf-8") for name in ("constraints", "shapes"))
    components = {f"sh:{name}" for name in re.findall(r'"(\w+ConstraintComponent)"', source)}
    assert len(components) > len(CONSTRAINTS) - 3
    assert components <= PAGES.keys()
    assert "sh:SPARQLConstraintComponent" in PAGES
