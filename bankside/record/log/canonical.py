"""Canonical JSON (RFC 8785) with one narrowing: numbers are integers from 0 to 2^53-1.

The same value gives the same bytes in every language, so a digest of it can be checked anywhere.
Larger or fractional numbers travel as strings. Received text is never normalised here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import msgspec

INTEGER_MAX = 2**53 - 1
DEPTH_MAX = 64

# Writes strings as RFC 8785 wants them: short escapes, lower-case hex, the rest as it is.
_encode = msgspec.json.Encoder().encode
_PLAIN = frozenset({str, bool})


class NotCanonical(ValueError):
    """The value has no canonical form, or the bytes are not the canonical form of what they say."""


def canonical(value: object) -> bytes:
    """The one byte form of a value made of dict, list, tuple, str, int, bool and None.

    Raises NotCanonical for floats, integers outside 0..2^53-1, keys that are not text, lone
    surrogates, other types and more than 64 levels.
    """
    try:
        return _encode(_checked(value, DEPTH_MAX))
    except UnicodeEncodeError:
        raise NotCanonical("text holds half of a surrogate pair") from None


def digest_of(value: object) -> str:
    """SHA-256 of the canonical form, 64 lower-case hex characters."""
    return hashlib.sha256(canonical(value)).hexdigest()


def parse(data: bytes) -> Any:
    """The value of canonical bytes; raises NotCanonical when one byte is not as `canonical` writes it."""
    try:
        value = json.loads(data.decode(), object_pairs_hook=_members)
    except NotCanonical:
        raise
    except (ValueError, RecursionError) as error:  # also a number of more digits than Python reads
        raise NotCanonical(f"not JSON: {error}") from None
    if canonical(value) != data:
        raise NotCanonical("the bytes are not the canonical form of their value")
    return value


def _checked(value: object, depth: int) -> object:
    """The value with the members of every object in canonical order."""
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        if 0 <= value <= INTEGER_MAX:
            return int(value)
        raise NotCanonical(f"{value} is outside 0..2^53-1: pass it as a string")
    if depth == 0:
        raise NotCanonical(f"more than {DEPTH_MAX} levels")
    if isinstance(value, list | tuple):
        return [_checked(item, depth - 1) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _checked(value[key], depth - 1) for key in _in_order(value)}
    raise NotCanonical(f"{type(value).__name__} has no canonical form: pass integers or strings")


def _in_order(members: Mapping[Any, object]) -> list[Any]:
    """The keys of an object, sorted; in ASCII, code points and code units have one order."""
    try:
        plain = "".join(members).isascii()
    except TypeError:
        plain = False
    return sorted(members) if plain else sorted(members, key=_code_units)


def _code_units(key: object) -> bytes:
    """RFC 8785 sorts by UTF-16 code units, which is not code point order beyond U+FFFF."""
    if not isinstance(key, str):
        raise NotCanonical(f"the key {key!r} is not text")
    return key.encode("utf-16-be", "surrogatepass")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotCanonical("a key appears twice in one object")
    return members
