"""validator: a text of SSSOM in, the verdict of the package `sssom` out, where that is installed. Runs a process.

The package is the reference implementation. It brings sixty others, a documentation system among them, so it is an
extra (`exo-onto[sssom]`), and is run in a process of its own: nothing of it is loaded into ours.
"""

import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

SECONDS: Final = 300
"""How long a validation may take, on a slow machine and for a million links."""


class ValidatorError(Exception):
    """The package refuses the text, and why."""


def validate(text: str) -> str:
    """Have the package `sssom` validate a text, and say so; or say that it is not installed.

    Raises ValidatorError where it refuses the text.
    """
    try:
        installed = version("sssom")
    except PackageNotFoundError:
        return "validated by sssom-pydantic; install exo-onto[sssom] to have the package sssom validate it too"
    with TemporaryDirectory() as folder:
        file = Path(folder) / "ours.sssom.tsv"
        file.write_text(text, "utf-8")
        try:
            done = subprocess.run(  # noqa: S603  our own interpreter
                [sys.executable, "-W", "ignore", "-m", "sssom.cli", "validate", str(file)],
                capture_output=True,
                text=True,
                check=False,
                timeout=SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            raise ValidatorError(f"sssom {installed} did not finish within {SECONDS} s.") from error
    if done.returncode:
        lines = [line for line in f"{done.stdout}{done.stderr}".splitlines() if line.strip()]
        raise ValidatorError(f"sssom {installed} refuses it: {lines[-1] if lines else 'it does not say why'}")
    return f"validated by sssom {installed}"
