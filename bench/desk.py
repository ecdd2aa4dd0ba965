"""A desk of its own for a bench: a new database in a folder that is thrown away."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path


def alone(bench: str, size: int) -> dict[str, float]:
    """The figures of a bench, run in a process of its own: Django is set up once per process."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as process:
        return process.submit(_measure, bench, size).result()


def _measure(bench: str, size: int) -> dict[str, float]:
    figures: dict[str, float] = import_module(f"bench.{bench}").measure(size)
    return figures


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
