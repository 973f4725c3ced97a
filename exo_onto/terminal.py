"""terminal: what there is to say in; shown to people in colour and width, to programs as it is. Prints."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType

out = Console()
err = Console(stderr=True)


def say(text: str) -> None:
    """Print a line or more for people."""
    out.print(text, soft_wrap=True, highlight=False, markup=False)


def complain(reason: str) -> None:
    """Say on standard error what was wrong with a call."""
    err.print(reason, style="red", soft_wrap=True, highlight=False, markup=False)


def draw(tree: RenderableType) -> None:
    """Print a tree: wrapped to a terminal's width, and to a wide page elsewhere."""
    page = out if out.is_terminal else Console(width=200)
    page.print(tree, highlight=False)


def write(text: str) -> None:
    """Write for programs: exactly this, whatever the terminal's width."""
    sys.stdout.write(text)


def write_at_once(line: str) -> None:
    """Write a line for programs that follow along."""
    sys.stdout.write(line)
    sys.stdout.flush()


def behave_in_pipes() -> None:
    """End quietly where the reader has gone, as other commands do: `exo-onto query ... | head`."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)


@contextmanager
def shown(console: Console) -> Iterator[Callable[[str], None]]:
    """Show the stage under way: one moving line on a terminal, a plain line each elsewhere."""
    if console.is_terminal:
        with console.status("") as status:
            yield lambda stage: status.update(f"{stage} ...")
    else:
        yield stages_only(lambda stage: console.print(f"{stage} ...", highlight=False, soft_wrap=True))


def stages_only(show: Callable[[str], None]) -> Callable[[str], None]:
    """Show each stage once, and not the rules, shapes and batches within it, which stand behind a colon."""
    last = ""

    def told(step: str) -> None:
        nonlocal last
        stage = step.partition(":")[0]
        if stage != last:
            show(stage)
        last = stage

    return told
