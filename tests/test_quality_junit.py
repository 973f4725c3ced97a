"""Tests of junit: the report is valid by the schema of Jenkins, and says what failed."""

from pathlib import Path

import xmlschema
from conftest import REPOSITORY
from examining import parse_xml
from hypothesis import given
from hypothesis import strategies as st

from exo_onto.diagnose import Diagnostic
from exo_onto.places import Place
from exo_onto.quality.junit import junit
from exo_onto.validate import Severity

SCHEMA = xmlschema.XMLSchema(REPOSITORY / "tests/specimens/junit/jenkins-junit.xsd")
TEXTS = st.text(st.characters(), max_size=10)
FOUND = st.builds(
    Diagnostic,
    st.sampled_from(["missing-label", "answer"]) | TEXTS,
    st.sampled_from(list(Severity)),
    TEXTS,
    st.none() | st.builds(Place, TEXTS, st.integers(1, 9)),
    TEXTS,
)


@given(st.lists(FOUND, max_size=5))
def test_a_report_is_valid_and_counts_what_it_holds(found: list[Diagnostic]) -> None:
    failing = [each for each in found if each.severity is Severity.VIOLATION]
    text = junit(found, failing, ["missing-label", "strict"])
    root = parse_xml(text.encode("utf-8"))
    SCHEMA.validate(root)
    assert len(root.findall(".//failure")) == len(failing) == int(root.get("failures", ""))
    assert len(root.findall(".//testcase")) == int(root.get("tests", ""))
    for suite in root:
        assert len(suite.findall("testcase")) == int(suite.get("tests", ""))
        assert len(suite.findall("testcase/failure")) == int(suite.get("failures", ""))


def test_a_code_that_found_nothing_has_passed() -> None:
    root = parse_xml(junit([], [], ["strict"]))
    assert [case.get("name") for case in root.iter("testcase")] == ["nothing found"]


def test_the_schema_refuses_what_is_no_report(tmp_path: Path) -> None:
    assert tmp_path.is_dir()
    assert not SCHEMA.is_valid(parse_xml('<testsuites><testcase name="a"/></testsuites>'))
