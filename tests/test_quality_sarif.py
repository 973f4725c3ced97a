"""Tests of sarif: a log has the structure of SARIF 2.1.0, by classes that are generated from the schema of OASIS."""

import dataclasses
import json
import re
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import jsonschema
import pysarif
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema.protocols import Validator

from exo_onto.diagnose import Diagnostic
from exo_onto.places import Place
from exo_onto.quality import shipped
from exo_onto.quality.baseline import fingerprints
from exo_onto.quality.sarif import sarif
from exo_onto.validate import Severity

PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean"}


def schema_of(kind: Any, known: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401  any annotation of a type
    """Turn a type of pysarif back into the JSON Schema that it was generated from: no property but those named."""
    if kind in PLAIN:
        return {"type": PLAIN[kind]}
    if get_origin(kind) is Literal:
        return {"enum": list(get_args(kind))}
    if get_origin(kind) is list:
        return {"type": "array", "items": schema_of(get_args(kind)[0], known)}
    if get_origin(kind) is Union:
        return {"anyOf": [schema_of(each, known) for each in get_args(kind) if each is not type(None)]}
    if dataclasses.is_dataclass(kind):
        name = getattr(kind, "__name__", "")
        if name not in known:
            known[name] = {}
            fields = dataclasses.fields(kind)
            hints = get_type_hints(kind)
            known[name] = {
                "type": "object",
                "properties": {camel(each.name): schema_of(hints[each.name], known) for each in fields},
                "required": [camel(each.name) for each in fields if required(each)],
                "additionalProperties": False,
            }
        return {"$ref": f"#/$defs/{name}"}
    return {}


def camel(name: str) -> str:
    name = {"schema": "$schema"}.get(name, name).rstrip("_")
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)


def required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def whole() -> Validator:
    root = next(value for name, value in vars(pysarif).items() if name.lower() in {"sarif", "sariflog", "log"})
    known: dict[str, Any] = {}
    return jsonschema.Draft202012Validator({**schema_of(root, known), "$defs": known})


SCHEMA = whole()
TEXTS = st.text(st.characters(codec="utf-8"), max_size=10)
FOUND = st.builds(
    Diagnostic,
    st.sampled_from(["missing-label", "shape:Study", "strict"]),
    st.sampled_from(list(Severity)),
    TEXTS,
    st.none() | st.builds(Place, TEXTS, st.none() | st.integers(1, 9), st.none() | st.integers(1, 9)),
    TEXTS,
)


@given(st.lists(FOUND, max_size=4))
def test_a_log_has_the_structure_of_the_standard(found: list[Diagnostic]) -> None:
    log = json.loads(sarif(found, shipped.pages(), "1.0.0"))
    SCHEMA.validate(log)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [each["ruleId"] for each in run["results"]] == [each.code for each in found]
    assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in run["results"])
    marks = [each["partialFingerprints"]["exoOnto/v1"] for each in run["results"]]
    assert marks == list(fingerprints(found))


@pytest.mark.parametrize(
    "change", [{"runs": None}, {"version": "2.0.0"}, {"runs": [{}]}, {"runs": [], "extra": 1}], ids=str
)
def test_the_schema_refuses_what_is_no_log(change: dict[str, Any]) -> None:
    log = json.loads(sarif([], {}, "1.0.0"))
    assert not SCHEMA.is_valid({**log, **change})


def test_a_result_has_its_place_as_an_iri_relative_to_the_root() -> None:
    told = Diagnostic("strict", Severity.INFO, "What.", Place("a folder/b#.ttl", 3, 4), "Do.")
    (result,) = json.loads(sarif([told], shipped.pages(), "1.0.0"))["runs"][0]["results"]
    assert result["level"] == "note"
    assert result["message"]["text"] == "What.\nDo."
    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"] == {"uri": "a%20folder/b%23.ttl", "uriBaseId": "%SRCROOT%"}
    assert physical["region"] == {"startLine": 3, "startColumn": 4}


def test_a_file_outside_the_root_has_its_whole_iri() -> None:
    told = Diagnostic("strict", Severity.WARNING, "What.", Place("/data/a.ttl", 1))
    (result,) = json.loads(sarif([told], {}, "1.0.0"))["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "file:///data/a.ttl"}


def test_a_rule_has_the_page_of_its_code() -> None:
    told = Diagnostic("missing-label", Severity.VIOLATION, "What.")
    (rule,) = json.loads(sarif([told], shipped.pages(), "1.0.0"))["runs"][0]["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"] == "A term has no label"
    assert "## Fix" in rule["help"]["markdown"]
