"""Random names: 32 hexadecimal digits, 128 bit, never derived from what they name."""

from __future__ import annotations

import secrets


def new_id() -> str:
    """A fresh id for an entry, an object or a subject."""
    return secrets.token_hex(16)
