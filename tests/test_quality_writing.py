"""Tests of writing: a baseline that is whole or not there, and lists for people."""

from pathlib import Path

import pytest

from exo_onto.diagnose import Diagnostic
from exo_onto.quality import baseline, writing
from exo_onto.validate import Severity


def test_a_baseline_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    file = tmp_path / "known.json"
    file.write_text("old", "utf-8")
    writing.write_baseline(file, [Diagnostic("a", Severity.INFO, "x")])
    assert len(baseline.read(file.read_text("utf-8"))) == 1
    assert list(tmp_path.iterdir()) == [file]


def test_a_baseline_that_cannot_be_written_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "known.json"
    file.write_text("old", "utf-8")

    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(baseline, "write", full)
    with pytest.raises(OSError, match="No space"):
        writing.write_baseline(file, [])
    assert [path.read_text("utf-8") for path in tmp_path.iterdir()] == ["old"]


def test_a_code_that_is_not_there_is_told_with_the_nearest() -> None:
    assert "Did you mean missing-label?" in writing.no_page("mising-label", ["missing-label", "strict"])
    assert "Did you mean" not in writing.no_page("zzz", ["missing-label"])


def test_codes_are_listed() -> None:
    assert writing.code_table([("a", "error", "title")]).row_count == 1
