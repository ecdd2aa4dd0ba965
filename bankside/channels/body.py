"""The body of a hook, judged before anything is made of it. Pure."""

from __future__ import annotations

import json
from typing import Any

from bankside.said import Said

DEPTH_MAX = 64


class Malformed(ValueError):
    """The body is not what a network would send; the message says what is wrong, without its content."""


def refuse_bad(body: bytes, content_type: str) -> None:
    """Raises Malformed for JSON that different readers would read differently, or that nobody can store.

    Bodies of other kinds (some networks send XML or forms) are the connector's to judge.
    """
    if not body or not _looks_like_json(body, content_type):
        return
    try:
        value = json.loads(body.decode(), object_pairs_hook=_members, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise Malformed(Said("The body is not UTF-8.")) from None
    except RecursionError:
        raise _too_deep() from None
    except json.JSONDecodeError:
        raise Malformed(Said("The body is not JSON.")) from None
    _refuse_deep(value)
    _refuse_unstorable(value, body)


def depth_is_fine(value: Any) -> bool:
    """True for at most 64 levels. Counts level by level, so that no depth can exhaust the stack."""
    level, depth = [value], 0
    while level:
        level = [inner for one in level for inner in _inside(one) if isinstance(inner, dict | list | tuple)]
        depth += 1
        if depth > DEPTH_MAX:
            return False
    return True


def _refuse_deep(value: Any) -> None:
    if not depth_is_fine(value):
        raise _too_deep()


def _refuse_unstorable(value: Any, body: bytes) -> None:
    """Half a surrogate pair and NUL can only come as escapes: without one there is nothing to look for."""
    if b"\\u" not in body:
        return
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Malformed(Said("The body holds half of a surrogate pair.")) from None
    if "\\u0000" in text.replace("\\\\", ""):
        raise Malformed(Said("The body holds a NUL character."))


def _looks_like_json(body: bytes, content_type: str) -> bool:
    return "json" in content_type.lower() or body.lstrip()[:1] in (b"{", b"[")


def _inside(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Malformed(Said("The body names one member twice."))
    return members


def _no_constant(name: str) -> None:
    raise Malformed(Said("The body holds %(name)s, which is no JSON number.", name=name))


def _too_deep() -> Malformed:
    return Malformed(Said("The body is nested more than %(number)s levels deep.", number=DEPTH_MAX))
