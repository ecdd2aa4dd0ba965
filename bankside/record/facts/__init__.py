"""Every fact of the desk, one file per room, of the channels two. A fact is for ever: it never changes.

A new version is added instead.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path


def load() -> None:
    """Declares all facts, so that any entry can be read; called when the record's room starts."""
    for path in sorted(Path(__file__).parent.glob("[a-z]*.py")):
        import_module(f"{__name__}.{path.stem}")
