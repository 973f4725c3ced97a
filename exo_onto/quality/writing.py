"""writing: findings and codes in, a baseline beside the old one and then in its place, and lists for people, out.

Writes a file.
"""

import os
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from rich import box
from rich.table import Table
from rich.text import Text

from exo_onto.diagnose import Diagnostic
from exo_onto.quality import baseline


def write_baseline(file: Path, found: Iterable[Diagnostic]) -> None:
    """Write a baseline aside, and put it in the place of the old one at once."""
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        aside.write_text(baseline.write(found), "utf-8")
        aside.replace(file)
    finally:
        aside.unlink(missing_ok=True)


def no_page(code: str, known: Iterable[str]) -> str:
    """Say that there is no code of a name, with the nearest that there are."""
    near = get_close_matches(code, list(known))
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return f"There is no code {code!r}.{hint} `exo-onto check --list-codes` lists them all."


def code_table(rows: Iterable[tuple[str, str, str]]) -> Table:
    """List codes with their severities and titles."""
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("code", no_wrap=True)
    table.add_column("severity", no_wrap=True)
    table.add_column("title", overflow="fold")
    for code, severity, title in rows:
        table.add_row(Text(code, style="bold"), Text(severity), Text(title))
    return table
