"""The settings: what cannot work is refused in words."""

import dataclasses
from typing import Any

import pytest

from exo_onto.settings import LEAST_MEMORY, LEAST_WORKERS, Settings


def test_the_defaults_work() -> None:
    settings = Settings()
    assert (settings.workers >= LEAST_WORKERS, settings.memory >= LEAST_MEMORY) == (True, True)
    assert (settings.timeout, settings.queue, settings.rate) == (30, 128, 600)
    assert (settings.max_rows, settings.max_bytes, settings.cache_bytes) == (1_000_000, 100_000_000, 64 * 2**20)
    assert (settings.trusted_proxies, settings.services, settings.access_log) == ((), (), False)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"workers": 2}, "workers must be at least 3, not 2"),
        ({"memory": 1023}, "memory must be at least 1024, not 1023"),
        ({"max_rows": 0}, "max rows must be at least 1, not 0"),
        ({"max_bytes": -5}, "max bytes must be at least 1, not -5"),
        ({"queue": 0}, "queue must be at least 1, not 0"),
        ({"rate": 0}, "rate must be at least 1, not 0"),
        ({"cache_bytes": -1}, "the cache cannot hold -1 bytes"),
        *(
            ({"timeout": value}, f"the timeout must be a number of seconds above 0, not {value}")
            for value in (0, -1.5, float("inf"), float("nan"))
        ),
    ],
)
def test_what_cannot_work_is_refused_in_words(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=f"^{words}$"):
        Settings(**wrong)


@pytest.mark.parametrize(
    "least",
    [
        {"workers": LEAST_WORKERS},
        {"memory": LEAST_MEMORY},
        {"max_rows": 1},
        {"queue": 1},
        {"cache_bytes": 0},
        {"timeout": 0.001},
    ],
)
def test_the_least_is_enough(least: dict[str, Any]) -> None:
    assert dataclasses.replace(Settings(), **least) == Settings(**least)
