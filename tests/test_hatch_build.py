"""Tests of the build hook: what it makes of web/, that a wheel has it, and what it says where npm cannot be reached."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import REPOSITORY
from packing import FORCED, package

import hatch_build
from hatch_build import BUILT, MARK, WITHOUT, BrowserError

SCRIPTS = {f"{path.stem}.js" for path in (REPOSITORY / "web" / "src").glob("*.js")}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Give a copy of what a wheel is made from, without what was built."""
    return package(tmp_path)


def built(tree: Path) -> None:
    """Put files in place as if they had been made from the sources of a tree."""
    (tree / BUILT).mkdir(parents=True)
    (tree / BUILT / "sparql.js").write_text("export {};\n")
    (tree / BUILT / MARK).write_text(hatch_build.digest(tree / "web"))


def wheel(tree: Path, **environment: str) -> tuple[subprocess.CompletedProcess[str], set[str]]:
    """Make a wheel with the Python that runs, and give what is said and what is in it."""
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel"],
        cwd=tree,
        env={**os.environ, "npm_config_registry": "http://127.0.0.1:9", "npm_config_fetch_retries": "0", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    made = list((tree / "dist").glob("*.whl"))
    return done, set(zipfile.ZipFile(made[0]).namelist()) if made else set()


def test_what_was_made_is_in_the_package_that_is_tested() -> None:
    """An editable install has made it, as `pip install .` does: each script of web/src, and the licences of all in it."""
    found = {path.name for path in (REPOSITORY / BUILT).iterdir()}
    assert SCRIPTS | {"sparql.css", "licences.txt", MARK} <= found
    assert (REPOSITORY / BUILT / MARK).read_text("utf-8") == hatch_build.digest(REPOSITORY / "web")


def test_no_script_reaches_for_another_host() -> None:
    for path in (REPOSITORY / BUILT).glob("*.js"):
        text = path.read_text("utf-8")
        assert "sourceMappingURL" not in text
        assert 'import("http' not in text


def test_every_licence_is_a_known_free_one() -> None:
    told = (REPOSITORY / BUILT / "licences.txt").read_text("utf-8")
    heads = [part.lstrip("-\n").splitlines()[0] for part in told.split(f"\n{'-' * 80}\n")]
    names = {head.partition(": ")[0].rpartition(" ")[0] for head in heads}
    assert {"@zazuko/yasgui", "cytoscape", "@observablehq/plot"} <= names
    known = {"MIT", "ISC", "BSD-3-Clause", "BSD-2-Clause", "Apache-2.0", "CC0-1.0", "Unlicense", "0BSD"}
    known |= {"(MPL-2.0 OR Apache-2.0)", "(CC-BY-4.0 AND MIT)"}
    others = {head for head in heads if head.partition(": ")[2] not in known}
    assert {head.partition(" ")[0] for head in others} <= {"jsuri"}  # MIT, by its README; its package.json says none


def test_nothing_built_is_committed() -> None:
    if not (REPOSITORY / ".git").exists():
        pytest.skip("this is no clone")
    listed = subprocess.run(
        ["git", "ls-files", str(BUILT), "web"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert "web/package-lock.json" in listed.stdout
    assert "built/" not in listed.stdout
    assert "node_modules" not in listed.stdout


def test_the_lock_names_one_registry_and_a_digest_for_each_package() -> None:
    lock = (REPOSITORY / "web" / "package-lock.json").read_text("utf-8")
    resolved = [line for line in lock.splitlines() if '"resolved"' in line]
    assert all('"https://registry.npmjs.org/' in line for line in resolved)
    assert lock.count('"integrity": "sha512-') == len(resolved) > 0


def test_a_wheel_contains_what_was_built_and_no_sources_of_it(tree: Path) -> None:
    built(tree)
    done, names = wheel(tree)
    assert done.returncode == 0, done.stderr
    assert (BUILT / "sparql.js").as_posix() in names
    assert all(any(name.startswith(f"{place}/") for name in names) for place in FORCED.values())
    assert not [name for name in names if name.startswith("web/") or "node_modules" in name]


def test_it_says_so_where_npm_cannot_be_reached(tree: Path, tmp_path: Path) -> None:
    done, names = wheel(tree, npm_config_cache=str(tmp_path / "empty"))
    assert done.returncode == 1
    assert names == set()
    said = done.stdout + done.stderr
    assert "The browser's files cannot be made: npm could not fetch what web/package-lock.json names." in said
    assert "ECONNREFUSED" in said
    assert f"set {WITHOUT}=1 to install without" in said
    assert "Traceback" not in said


def test_the_package_can_be_made_without_where_one_says_so(tree: Path) -> None:
    done, names = wheel(tree, **{WITHOUT: "1"})
    assert done.returncode == 0, done.stderr
    assert f"{WITHOUT} is set" in done.stdout + done.stderr
    assert not [name for name in names if "static/built" in name]


def test_what_was_made_from_the_same_sources_is_kept_and_from_others_made_anew(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(tree)
    assert not hatch_build.make(tree)
    (tree / "web" / "src" / "sparql.js").write_text("// changed\n")
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    monkeypatch.setenv("npm_config_cache", str(tree / "empty"))
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    with pytest.raises(BrowserError, match="npm could not fetch"):
        hatch_build.make(tree)
    assert (tree / BUILT / "sparql.js").exists()  # what is there is not touched before there is better
