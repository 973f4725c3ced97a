"""What the tests in a browser share: our server as a process, Debian's Chromium, and a page that notes what it should not do.

A machine that lacks Chromium skips its tests; where EXO_ONTO_REQUIRE names chromium, they fail instead.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, sync_playwright
from stores import free_port, program, running

ARGUMENTS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LOCALES: Final = {"en": "en-GB", "zh": "zh-CN"}
WIDE, PHONE = 1280, 390
RULES: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
"""axe's names of WCAG 2.2, levels A and AA, and what it advises besides."""
Theme = Literal["light", "dark"]
PATIENCE: Final = 20_000
"""Milliseconds in which something must come about."""


@contextmanager
def serving(root: Path, *options: str) -> Iterator[str]:
    """Serve a root that has been built, by the command that users run, and give the address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    main = "from exo_onto.cli import main; main()"
    command = [sys.executable, "-c", main, "serve", "--root", str(root), "--port", str(port), *options]
    with TemporaryDirectory() as folder, running(command, Path(folder), f"{address}/readyz"):
        yield address


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run Debian's Chromium with a profile of its own, which is empty."""
    path = program("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@dataclass
class Visitor:
    """Somebody with a browser of a certain width, language and theme, and what went wrong while they looked about."""

    page: Page
    home: str
    context: BrowserContext
    scripts: bool = True
    wrong: list[str] = field(default_factory=list)
    loaded: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin to take notes."""
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.page.on("requestfailed", self._failed)
        self.context.on("request", self._asked)
        self.page.on("response", self._answered)

    def go(self, path: str) -> Page:
        """Open a page of ours, and wait until its scripts have done their work."""
        self.page.goto(self.home + path)
        for place in ("#yasgui", "[data-graph]"):
            if self.scripts and self.page.locator(place).count():
                self.page.locator(f"{place}[data-ready]").wait_for(state="attached")
        return self.page

    def offences(self, *, without: tuple[str, ...] = ()) -> list[str]:
        """Give what axe-core has against the page as it is now."""
        options = {
            "runOnly": list(RULES),
            "resultTypes": ["violations"],
            "rules": {name: {"enabled": False} for name in without},
        }
        found: Mapping[str, Any] = Axe().run(self.page, options=options).response
        return [
            f"{each['id']}: {node['target']} {node['html'][:160]} {node['failureSummary'][:300]}"
            for each in found["violations"]
            for node in each["nodes"]
        ]

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(f"{message.type}: {message.text}")

    def _asked(self, request: Request) -> None:
        if request.url.startswith(("data:", "blob:")):
            return
        if urlsplit(request.url).netloc != urlsplit(self.home).netloc:
            self.wrong.append(f"asks elsewhere: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure and "ERR_ABORTED" not in request.failure:  # a page that is left stops what it asks for
            self.wrong.append(f"fails: {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        self.loaded[response.url] = int(response.headers.get("content-length", 0))


@contextmanager
def visitor(  # noqa: PLR0913  one for each thing that readers differ in
    browser: Browser,
    home: str,
    *,
    language: str = "en",
    theme: Theme = "light",
    width: int = WIDE,
    scripts: bool = True,
) -> Iterator[Visitor]:
    """Give somebody who looks about; nothing may have gone wrong by the end."""
    context = browser.new_context(
        locale=LOCALES[language],
        color_scheme=theme,
        viewport={"width": width, "height": 900},
        java_script_enabled=scripts,
        accept_downloads=True,
    )
    somebody = Visitor(context.new_page(), home, context, scripts)
    yield somebody
    context.close()
    assert somebody.wrong == []
