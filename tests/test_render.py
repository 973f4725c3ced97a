"""Tests of render: what people and programs read."""

import csv
import io
import json

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode
from rich.console import Console, RenderableType

from exo_onto import render
from exo_onto.diagnose import Diagnostic
from exo_onto.places import Place
from exo_onto.questions import Answer
from exo_onto.render import Format
from exo_onto.validate import Severity
from exo_onto.vocabulary import BASE

CELL = NamedNode("http://purl.obolibrary.org/obo/CL_0002540")
ANSWER = Answer(
    columns=("study", "source", "target", "identifier", "n"),
    rows=(
        (
            NamedNode(f"{BASE}study/zhu-lf-2020"),
            CELL,
            NamedNode(f"{BASE}entity/map3k11"),
            NamedNode("https://identifiers.org/hgnc:6850"),
            Literal(23),
        ),
        (None, BlankNode("b"), Literal("髓核", language="zh"), None, Literal(value=True)),
    ),
    notations={
        CELL.value: "BMSC",
        f"{BASE}study/zhu-lf-2020": "Zhu LF et al. 2020",
        f"{BASE}entity/map3k11": "MAP3K11",
        "https://identifiers.org/hgnc:6850": "MAP3K11",
    },
)


def text_of(renderable: RenderableType) -> str:
    console = Console(file=io.StringIO(), width=100, no_color=True)
    with console.capture() as captured:
        console.print(renderable)
    return captured.get()


def test_a_text_that_looks_like_a_number_stays_a_text_in_json() -> None:
    answer = Answer(("a", "b"), ((Literal("2020"), Literal(1.5)),), {})
    assert json.loads(render.answer_text(answer, Format.JSON, iris=False)) == [{"a": "2020", "b": 1.5}]


def test_things_are_shown_as_people_know_them() -> None:
    rows = render.rows_of(ANSWER, iris=False)
    assert rows[0] == ["zhu-lf-2020", "BMSC", "MAP3K11", "HGNC:6850", "23"]
    assert rows[1] == ["", "_:b", "髓核", "", "true"]


def test_iris_are_shown_whole_on_request() -> None:
    assert render.rows_of(ANSWER, iris=True)[0][:2] == [f"{BASE}study/zhu-lf-2020", CELL.value]


def test_json_has_numbers_and_truth_values_as_such() -> None:
    text = render.answer_text(ANSWER, Format.JSON, iris=False)
    records = json.loads(text)
    assert (records[0]["n"], records[1]["n"]) == (23, True)
    assert records[1]["study"] is None
    assert "髓核" in text


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=9)


@given(rows=st.lists(st.tuples(CELLS, CELLS), max_size=5), form=st.sampled_from([Format.CSV, Format.TSV]))
def test_delimited_text_reads_back_as_it_was(rows: list[tuple[str, str]], form: Format) -> None:
    text = render.delimited(("a", "b"), rows, form)
    delimiter = "," if form is Format.CSV else "\t"
    read = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    assert read == [["a", "b"], *map(list, rows)]


def test_a_diagnostic_begins_with_its_place() -> None:
    told = Diagnostic("shape:Study", Severity.VIOLATION, "It is wrong.", Place("a.ttl", 3, 5), "Mend it.")
    text = text_of(render.diagnostics_text([told]))
    assert text == "a.ttl:3:5: violation [shape:Study] It is wrong.\n    Mend it.\n"


def test_diagnostics_are_rows_for_programs() -> None:
    told = Diagnostic("shape:Study", Severity.WARNING, "It is odd.", Place("a.ttl", 3))
    columns, rows = render.diagnostic_rows([told])
    assert dict(zip(columns, rows[0], strict=True)) == {
        "severity": "warning",
        "code": "shape:Study",
        "file": "a.ttl",
        "line": 3,
        "column": None,
        "what": "It is odd.",
        "remedy": "",
    }


def test_markup_in_data_is_shown_and_not_obeyed() -> None:
    answer = Answer(("a",), ((Literal("[bold]x[/bold]"),),), {})
    assert "[bold]x[/bold]" in text_of(render.answer_table(answer, iris=False))


def test_a_table_tells_how_many_rows_it_has() -> None:
    assert "2 rows" in text_of(render.answer_table(ANSWER, iris=False, title="A table"))
