"""Addresses of our own files, each with its fingerprint."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings


@cache
def static(path: str) -> str:
    """The address of one of our files with its fingerprint, so that browsers may keep it for ever."""
    file = place(path)
    mark = hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.exists() else "0"
    return f"{settings.STATIC_URL}{path}?v={mark}"


def place(path: str) -> Path:
    """Where the file lies on this machine."""
    return Path(settings.STATICFILES_DIRS[0]) / path
