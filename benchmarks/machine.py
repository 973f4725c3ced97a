"""machine: what figures are measured on, and with which versions of what. Looks at the machine."""

import os
import platform
import shlex
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from benchmarks.report import Machine


def machine(module: str, distributions: Iterable[str]) -> Machine:
    """Say what the figures of a module's command are measured on, with the versions of some distributions."""
    return Machine(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        gibibytes=round(psutil.virtual_memory().total / 2**30, 1),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        versions={name: version_of(name) for name in distributions},
        date=datetime.now(UTC).date().isoformat(),
        command=f"python -m {module} {shlex.join(sys.argv[1:])}".strip(),
    )


def version_of(name: str) -> str:
    """Give the version of a distribution, or say that it is not there."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    """Name the processor, which Python itself does not know on Linux."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text("utf-8").splitlines() if told.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or "unknown")
