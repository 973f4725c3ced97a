"""sarif: diagnostics and the pages of their codes in, a log of SARIF 2.1.0 out. Pure.

OASIS, Static Analysis Results Interchange Format 2.1.0. Lines and columns count from 1, columns in characters; a file
is told relative to the root, `%SRCROOT%`.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from exo_onto.diagnose import Diagnostic
from exo_onto.quality.baseline import fingerprints
from exo_onto.quality.pages import Page
from exo_onto.validate import Severity

_LEVELS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(found: Iterable[Diagnostic], pages: Mapping[str, Page], version: str) -> str:
    """Write a log of one run, with the page of each code that occurs as its help."""
    told = tuple(found)
    codes = sorted({each.code for each in told})
    results = [_result(each, codes.index(each.code), mark) for each, mark in zip(told, fingerprints(told), strict=True)]
    driver = {
        "name": "exo-onto",
        "semanticVersion": version,
        "rules": [_rule(code, pages.get(code)) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True}],
        "results": results,
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _rule(code: str, page: Page | None) -> dict[str, Any]:
    if page is None:
        return {"id": code}
    return {
        "id": code,
        "shortDescription": {"text": page.title},
        "fullDescription": {"text": page.problem},
        "help": {"text": page.text, "markdown": page.text},
    }


def _result(each: Diagnostic, index: int, mark: str) -> dict[str, Any]:
    text = f"{each.what}\n{each.remedy}" if each.remedy else each.what
    result: dict[str, Any] = {
        "ruleId": each.code,
        "ruleIndex": index,
        "level": _LEVELS[each.severity],
        "message": {"text": text},
        "partialFingerprints": {"exoOnto/v1": mark},
    }
    if each.place:
        region = {"startLine": each.place.line, "startColumn": each.place.column}
        told = {name: number for name, number in region.items() if number}
        within = not each.place.file.startswith("/")
        artifact = {"uri": f"{'' if within else 'file://'}{quote(each.place.file, safe='/')}"}
        artifact |= {"uriBaseId": "%SRCROOT%"} if within else {}
        physical: dict[str, Any] = {"artifactLocation": artifact}
        if "startLine" in told:
            physical["region"] = told
        result["locations"] = [{"physicalLocation": physical}]
    return result
