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
    with _ending_with_the_reader():
        out.print(text, soft_wrap=True, highlight=False, markup=False)


def show(page: RenderableType, *, soft_wrap: bool = False) -> None:
    """Print a table, or text in colours."""
    with _ending_with_the_reader():
        out.print(page, soft_wrap=soft_wrap, highlight=False)


def complain(reason: str) -> None:
    """Say on standard error what was wrong with a call."""
    err.print(reason, style="red", soft_wrap=True, highlight=False, markup=False)


def draw(tree: RenderableType) -> None:
    """Print a tree: wrapped to a terminal's width, and to a wide page elsewhere."""
    page = out if out.is_terminal else Console(width=200)
    with _ending_with_the_reader():
        page.print(tree, highlight=False)


def write(text: str) -> None:
    """Write for programs: exactly this, whatever the terminal's width."""
    with _ending_with_the_reader():
        sys.stdout.write(text)
        sys.stdout.flush()


def write_at_once(line: str) -> None:
    """Write a line for programs that follow along."""
    sys.stdout.write(line)
    sys.stdout.flush()


@contextmanager
def _ending_with_the_reader() -> Iterator[None]:
    """End quietly where the reader has gone, as other commands do: `exo-onto query ... | head`.

    Only while something is printed: a server that hangs up on us breaks a pipe too, and is to be told of.
    """
    before = signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGPIPE, before)


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C end the process at once, where Python does not come back to hear of it."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


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
