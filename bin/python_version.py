"""Hands over to a Python that is new enough. Written so that any Python 3 can read it and answer."""

import os
import shutil
import subprocess
import sys

NEEDED = (3, 11)
ADVICE = """Bankside needs Python 3.11 or newer; this is Python {}.{}.
Install one (on Debian 12 and later: apt-get install python3 python3-venv) and try again."""


def ensure() -> None:
    """Returns on a new Python; otherwise starts the same command with a newer one, or says what is needed."""
    if sys.version_info >= NEEDED:
        return
    for name in ("python3.13", "python3.12", "python3.11"):
        path = shutil.which(name)
        if path and subprocess.call([path, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            os.execv(path, [path, *sys.argv])
    sys.exit(ADVICE.format(*sys.version_info[:2]))
