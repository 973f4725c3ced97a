"""junit: diagnostics in, a report of JUnit's XML out: a suite for each code, a test case for each finding. Pure.

What makes the check fail is a failure; the rest has passed, and says what it found on its standard output. A code that
found nothing is a test that passed. The format is what Jenkins, GitLab and pytest agree upon (junit-4.xsd of Jenkins).
"""

import re
from collections.abc import Collection, Iterable
from xml.etree import ElementTree as ET

from exo_onto.diagnose import Diagnostic

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold (section 2.2)."""


def junit(found: Iterable[Diagnostic], failing: Collection[Diagnostic], codes: Iterable[str]) -> str:
    """Write a report. `codes` are all that were looked for."""
    by_code: dict[str, list[Diagnostic]] = {code: [] for code in sorted(codes)}
    for each in found:
        by_code.setdefault(each.code, []).append(each)
    root = ET.Element("testsuites", name="exo-onto check")
    total = 0
    for code, told in by_code.items():
        cases = [_case(each, failing=each in failing) for each in told] or [_passed(code)]
        failures = sum(case.find("failure") is not None for case in cases)
        counted = {"name": _clean(code), "tests": str(len(cases)), "failures": str(failures), "errors": "0"}
        ET.SubElement(root, "testsuite", counted).extend(cases)
        total += len(cases)
    root.set("tests", str(total))
    root.set("failures", str(len(root.findall(".//failure"))))
    root.set("errors", "0")
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _passed(code: str) -> ET.Element:
    return ET.Element("testcase", classname=_clean(code), name="nothing found")


def _case(each: Diagnostic, *, failing: bool) -> ET.Element:
    name = f"{each.place or 'the whole'}: {each.what}"
    case = ET.Element("testcase", classname=_clean(each.code), name=_clean(name))
    if failing:
        kind = {"type": each.severity.name.lower(), "message": _clean(each.what)}
        inner = ET.SubElement(case, "failure", kind)
    else:
        inner = ET.SubElement(case, "system-out")
    inner.text = _clean(f"{each.place or ''}\n{each.what}\n{each.remedy}\n")
    return case


def _clean(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
