"""settings: what a server grants and how it is reached, as one frozen `Settings`; pure."""

from dataclasses import dataclass

LEAST_WORKERS = 3
LEAST_MEMORY = 1024
"""MiB of address space; with less, a store may not even open."""


@dataclass(frozen=True)
class Settings:
    """What a server grants, and how it is reached.

    Seconds count from the arrival of a query; `memory` is the address space of one worker, in MiB; `rate` is requests
    per minute and client. `cache_bytes` 0: nothing is kept.
    """

    workers: int = 4
    timeout: float = 30
    memory: int = 2048
    max_rows: int = 1_000_000
    max_bytes: int = 100_000_000
    queue: int = 128
    rate: int = 600
    cache_bytes: int = 64 * 2**20
    base_url: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    access_log: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot work, in words."""
        least = {"workers": LEAST_WORKERS, "memory": LEAST_MEMORY, "max_rows": 1, "max_bytes": 1, "queue": 1, "rate": 1}
        for name, bound in least.items():
            if getattr(self, name) < bound:
                raise ValueError(f"{name.replace('_', ' ')} must be at least {bound}, not {getattr(self, name)}")
        if not 0 < self.timeout < float("inf"):
            raise ValueError(f"the timeout must be a number of seconds above 0, not {self.timeout}")
        if self.cache_bytes < 0:
            raise ValueError(f"the cache cannot hold {self.cache_bytes} bytes")
