"""Tests of links.saving: files are changed as a whole, or none of them."""

import codecs
import re
from pathlib import Path

import pytest

from exo_onto.links.edits import Change
from exo_onto.links.saving import SavingError, save, texts_below, write_new


def test_a_file_keeps_its_byte_order_mark_line_ends_and_rights(tmp_path: Path) -> None:
    file = tmp_path / "a.ttl"
    file.write_bytes(codecs.BOM_UTF8 + b"a\r\nb\r\n")
    file.chmod(0o640)
    save(tmp_path, [Change("a.ttl", "a\r\nb\r\n", "a\r\nc\r\n")])
    assert file.read_bytes() == codecs.BOM_UTF8 + b"a\r\nc\r\n"
    assert file.stat().st_mode & 0o777 == 0o640


def test_where_one_file_was_changed_by_somebody_else_none_is_written(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text("old", "utf-8")
    (tmp_path / "b").write_text("theirs", "utf-8")
    with pytest.raises(SavingError, match="b was changed"):
        save(tmp_path, [Change("a", "old", "new"), Change("b", "old", "new")])
    assert [(tmp_path / name).read_text("utf-8") for name in ("a", "b")] == ["old", "theirs"]
    assert len(list(tmp_path.iterdir())) == 2


def test_a_new_file_is_written_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    save(tmp_path, [Change("new", "", "text")])
    write_new(tmp_path / "other", "text")
    assert {path.name for path in tmp_path.iterdir()} == {"new", "other"}


def test_a_file_that_cannot_be_written_is_named_itself(tmp_path: Path) -> None:
    target = tmp_path / "none" / "x.tsv"
    with pytest.raises(SavingError, match=re.escape(f"{target}: The file cannot be written: No such file")):
        write_new(target, "new")


def test_texts_are_read_to_the_letter_and_what_is_no_utf8_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "q").mkdir()
    (tmp_path / "q" / "a.rq").write_bytes(b"ASK {}\r\n")
    (tmp_path / "q" / "b.rq").write_bytes(b"\xff\xfe")
    assert texts_below(tmp_path, "q", ".rq") == (("q/a.rq", "ASK {}\r\n"),)
