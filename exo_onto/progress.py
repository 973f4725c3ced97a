"""progress: a console in, a function that shows the stage under way out. Pure, but for what it prints."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console


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
