"""The rules that held when something was recorded, as one fingerprint (`pol` of every leaf)."""

from __future__ import annotations

import hashlib

_rules: dict[str, str] = {}
_fingerprint = ""


def contribute(name: str, text: str) -> None:
    """A room names its rule set (policy table, rule pack) at start; the same text gives the same `pol`."""
    global _fingerprint
    _rules[name] = hashlib.sha256(text.encode()).hexdigest()
    _fingerprint = ""


def fingerprint() -> str:
    """Lower-case hex SHA-256 over the sorted names and digests of all rule sets in force."""
    global _fingerprint
    if not _fingerprint:
        joined = "".join(f"{name}\n{digest}\n" for name, digest in sorted(_rules.items()))
        _fingerprint = hashlib.sha256(joined.encode()).hexdigest()
    return _fingerprint
