"""tabling: cells in, a Markdown table that people can read as text out. Pure."""

from collections.abc import Iterable, Sequence


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a Markdown table that is aligned as text too; all columns but the first and the last lean right."""
    lines = [list(header), *(list(row) for row in rows)]
    widths = [max(3, *(len(line[place]) for line in lines)) for place in range(len(header))]
    right = {place for place in range(1, len(header)) if header[place] != "remark"}
    rule = ["-" * (width - 1) + ":" if place in right else "-" * width for place, width in enumerate(widths)]
    lines.insert(1, rule)
    return "\n".join(
        f"| {' | '.join(_pad(cell, widths[place], place in right) for place, cell in enumerate(line))} |"
        for line in lines
    )


def _pad(cell: str, width: int, right: bool) -> str:  # noqa: FBT001  a column's own trait
    return cell.rjust(width) if right else cell.ljust(width)
