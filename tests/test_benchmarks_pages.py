"""Tests of benchmarks.pages: each page is read twice, what it leads to as well, and figures are told by kind."""

from pathlib import Path

import httpx
import pytest

from benchmarks import pages
from benchmarks.pages import MAIN, Reading
from benchmarks.report import Machine
from benchmarks.servers import ServerError

MACHINE = Machine("Some CPU", 2, 24, "Linux 6", "3.11.0", {}, "2026-01-01", "python -m benchmarks.pages")


def corpus(root: Path) -> Path:
    (root / "instances" / "studies").mkdir(parents=True)
    (root / "instances" / "studies" / "lu-k-2017.ttl").touch()
    return root


def served(monkeypatch: pytest.MonkeyPatch, status: int = 200) -> list[str]:
    asked: list[str] = []
    links = (
        '<a href="/entity/a"></a><a href="/entity/a.ttl"></a><a href="/static/site.css"></a><a href="https://x/"></a>'
    )

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(status, text=links)

    client = httpx.Client
    monkeypatch.setattr(httpx, "Client", lambda **given: client(transport=httpx.MockTransport(answer), **given))
    return asked


def test_what_pages_lead_to_is_read_once_more_than_once_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = served(monkeypatch)
    found = list(pages.read("http://h", corpus(tmp_path), 100))
    assert [each.address for each in found] == [*MAIN, "/study/lu-k-2017", "/entity/a"]
    assert asked.count("/entity/a") == 2
    assert {each.kind for each in found} >= {"/", "/search", "/study", "/entity"}


def test_no_more_than_so_many_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served(monkeypatch)
    assert len(list(pages.read("http://h", corpus(tmp_path), 3))) == 3


def test_a_page_that_fails_is_no_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served(monkeypatch, 500)
    with pytest.raises(ServerError, match="/ is answered 500"):
        list(pages.read("http://h", corpus(tmp_path), 3))


def test_the_page_tells_each_kind_and_the_slowest() -> None:
    told = pages.markdown(MACHINE, [Reading("/", 12, 1, 9000), Reading("/study/a", 140, 2, 30_000)])
    for words in ("Over 100 ms when first read: 1", "/study/a, 140 ms", "| /study", "30"):
        assert words in told
