"""The leaf: one line of canonical JSON per event, hashed into the tree, without any personal data.

Every string is printable ASCII without quote and backslash, so that any JSON library that can sort
keys and leave out spaces writes the same bytes. Absent fields are left out, never null.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import date
from itertools import pairwise
from typing import Any, Final

import msgspec

from bankside.record.log.canonical import INTEGER_MAX

LEAF_BYTES_MAX: Final = 2048
FIXED_TYPES: Final = frozenset(
    [
        "post.in",
        "post.out",
        "edit",
        "delete",
        "approve",
        "reject",
        "read",
        "export",
        "erase",
        "hold",
        "verify",
        "config",
        "login",
        "role",
        "restrict",
        "release",
        "gap",
        "recon",
        "key",
        "shard",
    ]
)
REQUIRED: Final = ("v", "seq", "id", "t", "type", "actor", "ret", "pol")
ERASE_FIELDS: Final = frozenset({"basis", "count", "by"})
SHARD_FIELDS: Final = frozenset({"log", "size", "root"})

_encode = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder().decode

# The form of nearly every leaf, byte for byte: what has it is valid and canonical, without being taken apart.
# Left to `validate`: erase and shard, files, longer lists, the 29th of February, numbers of sixteen digits.
_HEX32 = "[0-9a-f]{32}+"
_HEX64 = "[0-9a-f]{64}+"
_DAY = "(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31"
_WHEN = rf"(?!0000)[0-9]{{4}}-(?:{_DAY})T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{{3}}Z"
_KIND = r"[a-z]{2,12}\.[a-z-]{2,32}|" + "|".join(
    sorted(FIXED_TYPES - {"erase", "shard", "post.in", "post.out"})
)
USUAL: Final = (
    rf'\{{"actor":"(?:u:{_HEX32}|s:[a-z0-9.-]{{1,40}})",(?:"cm":"{_HEX64}","ct":"{_HEX64}",|)"id":"{_HEX32}",'
    rf'"obj":"{_HEX32}","pol":"{_HEX64}",(?:"prev":"{_HEX32}",|)(?:"red":\["[A-Z0-9-]{{1,32}}"\],|)'
    rf'"ret":"[A-Z0-9-]{{1,32}}","seq":(0|[1-9][0-9]{{0,14}}),(?:"src_t":"{_WHEN}",|)(?:"subj":"{_HEX32}",|)'
    rf'"t":"{_WHEN}","type":"(?:{_KIND})","v":1\}}'
).encode()
"""As a regular expression over bytes; its one group is `seq`. `(?:x|)` and `{n}+` keep no way back."""
_is_usual = re.compile(USUAL).fullmatch


class LeafWrong(ValueError):
    """The leaf breaks a rule of the format; the message names the field and the rule."""


def leaf_bytes(fields: Mapping[str, Any]) -> bytes:
    """The canonical bytes of a valid leaf, at most 2,048.

    Fields that are None or an empty list are absent. Raises LeafWrong and never writes a leaf that
    `parse` would refuse.
    """
    with suppress(TypeError, ValueError, msgspec.MsgspecError):  # `validate` names what no JSON can hold
        leaf: bytes = _encode(fields)
        if _is_usual(leaf):
            return leaf
    present = {key: value for key, value in fields.items() if value is not None and value not in ((), [])}
    validate(present)
    leaf = _encode(present)
    if len(leaf) > LEAF_BYTES_MAX:
        raise LeafWrong(f"the leaf has {len(leaf)} bytes, the limit is {LEAF_BYTES_MAX}")
    return leaf


def leaf_hash(leaf: bytes) -> bytes:
    """RFC 6962 leaf hash: SHA-256 of a zero byte and the leaf (32 bytes)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def leaf_hashes(leaves: Iterable[bytes]) -> bytes:
    """The leaf hashes of many, one after the other."""
    sha256 = hashlib.sha256
    return b"".join([sha256(b"\x00" + leaf).digest() for leaf in leaves])


def parse(leaf: bytes) -> dict[str, Any]:
    """The fields of a leaf, strictly: valid, and byte for byte its own canonical form."""
    if _is_usual(leaf):
        usual: dict[str, Any] = _decode(leaf)
        return usual
    if len(leaf) > LEAF_BYTES_MAX:
        raise LeafWrong(f"the leaf has {len(leaf)} bytes, the limit is {LEAF_BYTES_MAX}")
    try:
        fields = _decode(leaf)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise LeafWrong(f"the leaf is not JSON: {error}") from None
    if not isinstance(fields, dict):
        raise LeafWrong("the leaf is not an object")
    validate(fields)
    if _encode(fields) != leaf:
        raise LeafWrong("the leaf is not in canonical form")
    return fields


def validate(fields: Mapping[str, Any]) -> None:
    """Checks every field and which fields go together; raises LeafWrong for the first that is wrong."""
    for key, value in fields.items():
        rule = _RULES.get(key)
        if rule is None:
            raise LeafWrong(f"{key!r} is not a field of a leaf")
        if not rule(value):
            raise LeafWrong(f"{key} is not as the format says: {str(value)[:80]!r}")
    missing = [key for key in REQUIRED if key not in fields]
    if missing:
        raise LeafWrong(f"the leaf lacks {', '.join(missing)}")
    if ("ct" in fields) != ("cm" in fields):
        raise LeafWrong("ct and cm go together")
    _validate_kind(fields)


def _validate_kind(fields: Mapping[str, Any]) -> None:
    """The fields that only some types have, and that those types must have."""
    kind, present = fields["type"], fields.keys()
    for owner, own in (("erase", ERASE_FIELDS), ("shard", SHARD_FIELDS)):
        if kind == owner and not own <= present:
            raise LeafWrong(f"{owner} lacks {', '.join(sorted(own - present))}")
        if kind != owner and own & present:
            raise LeafWrong(f"{', '.join(sorted(own & present))} belongs to {owner} only")
    if kind == "erase" and "subj" not in present:
        raise LeafWrong("erase lacks subj")
    if kind not in ("erase", "shard") and "obj" not in present:
        raise LeafWrong("the leaf lacks obj")


def _text(pattern: str) -> Callable[[Any], bool]:
    matches = re.compile(pattern, re.ASCII).fullmatch
    return lambda value: isinstance(value, str) and matches(value) is not None


def _integer(value: Any) -> bool:
    return type(value) is int and 0 <= value <= INTEGER_MAX


def _list_of(rule: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list | tuple) and len(value) > 0 and all(map(rule, value))


def _rising(rule: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """A sorted list without repetition, of at least one."""
    listed = _list_of(rule)
    return lambda value: listed(value) and all(a < b for a, b in pairwise(value))


_HEX_128 = _text("[0-9a-f]{32}")
_HEX_256 = _text("[0-9a-f]{64}")
_STAFF = _text("u:[0-9a-f]{32}")
_STAMP = _text(
    r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z"
)
_CLASS = _text("[A-Z0-9-]{1,32}")
_OWN_TYPE = _text(r"[a-z]{2,12}\.[a-z-]{2,32}")


def _time(value: Any) -> bool:
    """`YYYY-MM-DDTHH:MM:SS.mmmZ` of a day that exists."""
    if not _STAMP(value):
        return False
    if value[8:10] <= "28":
        return bool(value[:4] > "0000")
    try:
        date(int(value[:4]), int(value[5:7]), int(value[8:10]))
    except ValueError:
        return False
    return True


def _type(value: Any) -> bool:
    return isinstance(value, str) and (value in FIXED_TYPES or _OWN_TYPE(value))


def _two_people(value: Any) -> bool:
    return len(value) == 2 and _rising(_STAFF)(value) if isinstance(value, list | tuple) else False


_RULES: Final[dict[str, Callable[[Any], bool]]] = {
    "v": lambda value: type(value) is int and value == 1,
    "seq": _integer,
    "id": _HEX_128,
    "obj": _HEX_128,
    "prev": _HEX_128,
    "t": _time,
    "src_t": _time,
    "type": _type,
    "actor": _text("u:[0-9a-f]{32}|s:[a-z0-9.-]{1,40}"),
    "subj": _HEX_128,
    "ct": _HEX_256,
    "cm": _HEX_256,
    "att": _list_of(_HEX_256),
    "ret": _CLASS,
    "pol": _HEX_256,
    "red": _rising(_CLASS),
    "basis": _text("[A-Za-z0-9.:/-]{1,64}"),
    "count": _integer,
    "by": _two_people,
    "log": _text("[!#-*,-\\[\\]-~]{1,255}"),
    "size": _integer,
    "root": _HEX_256,
}
