"""Installs, once, every server of the tests that takes minutes to build: `python -m tests.servers.install`.

One file per server, `<name>_install.py`, each a program that says why when it cannot be had. Its tests skip
then, with that reason. Ends with 1 and the reasons when one of them is missing.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SECONDS_MAX = 1500


def main() -> int:
    missing = [f"{name}: {reason}" for name in names() if (reason := installed(name))]
    sys.stderr.write("; ".join(missing) + "\n" if missing else "")
    return 1 if missing else 0


def names() -> list[str]:
    """The servers that have to be installed."""
    return sorted(file.stem.removesuffix("_install") for file in HERE.glob("*_install.py"))


def installed(name: str) -> str:
    """Why it is not; empty when it is."""
    command = [sys.executable, "-m", f"tests.servers.{name}_install"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_MAX)
    except subprocess.TimeoutExpired:
        return f"not within {SECONDS_MAX} s"
    last = (done.stderr.strip().splitlines() or ["it does not say why"])[-1]
    return last if done.returncode else ""


if __name__ == "__main__":
    sys.exit(main())
