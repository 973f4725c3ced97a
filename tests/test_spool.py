"""Tests of spool: nothing is loaded before it is much, or asked for, and no file is left."""

from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Store

import exo_onto.spool as spool_module
from exo_onto.spool import Spool


def test_a_spool_loads_what_it_was_given_at_once_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = NamedNode("urn:graph")
    spool = Spool(tmp_path / "spool.nt", Store(str(tmp_path / "store")), graph)
    spool.take([b"<urn:a> <urn:p> <urn:b> .\n"])
    spool.take([b"<urn:a> <urn:p> <urn:c> .\n"])
    assert len(spool.store) == 0
    spool.load()
    spool.load()
    assert len(spool.store) == 2
    monkeypatch.setattr(spool_module, "SPOOL_BYTES", 10)
    spool.take([b"<urn:a> <urn:p> <urn:d> .\n"])
    assert len(spool.store) == 3
    spool.files[0].write_bytes(b"<urn:a> <urn:p> <urn:e> .\n")
    spool.clear()
    assert len(spool.store) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


def test_what_comes_is_spread_over_files_that_are_loaded_side_by_side(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool.nt", Store(str(tmp_path / "store")), NamedNode("urn:graph"))
    for number in range(9):
        spool.take([f"<urn:a> <urn:p> <urn:{number}> .\n".encode(), b"<urn:a> <urn:p> <urn:each> .\n"])
    sizes = [path.stat().st_size for path in spool.files]
    assert max(sizes) < 1.5 * min(sizes)
    spool.load()
    assert len(spool.store) == 10


def test_a_file_that_cannot_be_loaded_is_told_of(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool.nt", Store(str(tmp_path / "store")), NamedNode("urn:graph"))
    spool.take([b"no triple\n"])
    with pytest.raises(SyntaxError):
        spool.load()
