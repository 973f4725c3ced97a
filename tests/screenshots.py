"""Takes the pictures in docs/images: `python tests/screenshots.py` (`make screenshots`) builds the corpus and looks at it.

Each picture is a page as a reader has it, in a language, a theme and a width; its colours are reduced to what it needs,
so that it stays small.
"""

import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from browsing import PHONE, WIDE, Theme, Visitor, chromium, serving, visitor
from PIL import Image

from exo_onto import pipeline

REPOSITORY: Final = Path(__file__).parent.parent
IMAGES: Final = REPOSITORY / "docs" / "images"
_COLOURS: Final = 128


@dataclass(frozen=True)
class Picture:
    """One picture: what it shows, to whom, and what is done before it is taken."""

    name: str
    path: str
    language: str = "en"
    theme: Theme = "light"
    width: int = WIDE
    height: int = 900
    prepare: Callable[[Visitor], object] = lambda _: None


def _with_rows(somebody: Visitor) -> None:
    somebody.page.locator(".tabPanel.active .yasr table.dataTable tbody tr").first.wait_for()


def _with_chart(somebody: Visitor) -> None:
    _with_rows(somebody)
    somebody.page.locator(".tabPanel.active .select_chart").click()
    somebody.page.locator(".yasr_results svg g[aria-label=bar]").wait_for()


def _with_proof(somebody: Visitor) -> None:
    somebody.page.locator("a.why").first.click()
    somebody.page.locator(".unfolded").first.wait_for()


def _measured(somebody: Visitor) -> None:
    while somebody.page.locator("p.note a[href='/download']").count():
        somebody.page.wait_for_timeout(500)
        somebody.go("/download")


PICTURES: Final = (
    Picture("home", "/"),
    Picture("home-phone-zh", "/", "zh", width=PHONE, height=844),
    Picture("matrix", "/matrix", height=1180),
    Picture("matrix-dark-zh", "/matrix", "zh", "dark", height=1180),
    Picture("study", "/study/xia-c-2019", height=1000),
    Picture("study-phone-dark-zh", "/study/xia-c-2019", "zh", "dark", PHONE, 844),
    Picture("why", "/study/cheng-xf-2018", height=1000, prepare=_with_proof),
    Picture("compare", "/compare"),
    Picture("sparql", "/query?question=contested", prepare=_with_rows),
    Picture("sparql-chart-dark-zh", "/query?question=mechanism-matrix", "zh", "dark", prepare=_with_chart),
    Picture("download", "/download", prepare=_measured),
)


def main() -> None:
    """Take all pictures."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        for name in ("ontology", "shapes", "instances", "queries"):
            shutil.copytree(REPOSITORY / name, root / name)
        pipeline.build(root, progress=lambda _: None)
        IMAGES.mkdir(parents=True, exist_ok=True)
        with serving(root) as home, chromium() as browser:
            for picture in PICTURES:
                with visitor(
                    browser, home, language=picture.language, theme=picture.theme, width=picture.width
                ) as somebody:
                    somebody.page.set_viewport_size({"width": picture.width, "height": picture.height})
                    somebody.go(picture.path)
                    picture.prepare(somebody)
                    somebody.page.evaluate("scrollTo(0, 0)")
                    _keep(somebody.page.screenshot(animations="disabled"), IMAGES / f"{picture.name}.png")


def _keep(taken: bytes, path: Path) -> None:
    few = Image.open(io.BytesIO(taken)).convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


if __name__ == "__main__":
    main()
