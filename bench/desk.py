"""A desk of its own for a bench: a new database in a folder that is thrown away."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def empty_desk() -> Iterator[Path]:
    """Django set up on an empty, migrated and founded desk; once per process."""
    with tempfile.TemporaryDirectory(prefix="bankside-bench-") as folder:
        os.environ.update(BANKSIDE_DATA=folder, DJANGO_SETTINGS_MODULE="bankside.settings")
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        from bankside.record.founding import found

        found()
        yield Path(folder)
