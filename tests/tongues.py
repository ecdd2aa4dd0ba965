"""The translations, compiled for a test: set-up does it for a desk, and a fresh clone has no .mo files."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from django.test import override_settings
from django.utils.translation import trans_real

from tests.house import catalogues


@contextmanager
def compiled() -> Iterator[None]:
    """Django reads the catalogues as they are written now."""
    with override_settings(LOCALE_PATHS=[_folder()]):
        trans_real._translations = {}
        trans_real._default = None
        yield
    trans_real._translations = {}
    trans_real._default = None


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="bankside-languages-"))
    for language in catalogues.LANGUAGES:
        place = folder / language / "LC_MESSAGES" / "django.mo"
        place.parent.mkdir(parents=True)
        with place.open("wb") as file:
            write_mo(file, catalogues.kept(language))
    return folder
