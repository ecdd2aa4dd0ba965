"""Installs Synapse, a server of the Matrix protocol, once, in an environment of its own under .cache/servers.

It is used as a program beside the tests and nothing of it is imported: its licence is the AGPL, ours is not.
`python -m tests.servers.matrix_install` does it ahead of the tests (under a minute, 240 MB).
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.servers import kept as programs
from tests.servers.kept import FETCH_SECONDS_MAX
from tests.servers.kept import NotInstalled as NotInstalled

SYNAPSE = "matrix-synapse==1.163.2"


def installed() -> Path:
    """The folder with `venv`; made when it is not there. Raises NotInstalled."""
    this_python = (str(sys.version_info[:3]), sys.base_prefix)
    return programs.once("matrix", programs.edition(SYNAPSE, *this_python), _make)


def python(kept: Path) -> Path:
    """The Python that has Synapse."""
    return kept / "venv" / "bin" / "python"


def _make(fresh: Path) -> str:
    made = [sys.executable, "-m", "venv", str(fresh / "venv")]
    programs.run(made, FETCH_SECONDS_MAX, "Python makes no environment")
    pip = [str(python(fresh)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    programs.run([*pip, "--only-binary=:all:", SYNAPSE], FETCH_SECONDS_MAX, "Synapse cannot be fetched")
    programs.run([str(python(fresh)), "-c", "import synapse.app.homeserver"], 60, "Synapse does not load")
    return SYNAPSE


if __name__ == "__main__":
    programs.told(installed)
