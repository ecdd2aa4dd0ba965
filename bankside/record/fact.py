"""What a fact is: a frozen dataclass in the past tense, named and versioned, for ever.

A fact is declared in `record/facts/<room>.py` and appended by the room that decided it:

    @fact("publish.post-submitted")
    @dataclass(frozen=True, slots=True, kw_only=True)
    class PostSubmitted: ...
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from bankside.record.log.canonical import INTEGER_MAX, canonical
from bankside.record.log.leaf import FIXED_TYPES

Cls = TypeVar("Cls", bound=type)

_NAME = re.compile(r"[a-z]{2,12}\.[a-z-]{2,32}")
_encode = msgspec.json.Encoder(order="sorted").encode


@dataclasses.dataclass(frozen=True, slots=True)
class Kind:
    """How a class of facts is written down: its name, its version and the type of its leaf."""

    name: str
    v: int
    leaf: str
    cls: type


KINDS: dict[tuple[str, int], Kind] = {}
_BY_CLASS: dict[type, Kind] = {}
_LEAVES: dict[str, str] = {}


class UnknownFact(LookupError):
    """A payload names a fact that this version of the desk does not know."""


def fact(name: str, *, v: int = 1, leaf: str | None = None) -> Callable[[Cls], Cls]:
    """Declares a frozen dataclass as a fact; `leaf` is its leaf type when that is not its name."""

    def declare(cls: Cls) -> Cls:
        kind = Kind(name, v, leaf or name, cls)
        _refuse_bad(kind)
        KINDS[name, v] = kind
        _BY_CLASS[cls] = kind
        _LEAVES[name] = kind.leaf
        return cls

    return declare


def kind_of(said: object) -> Kind:
    """The kind of a fact; raises UnknownFact for anything that was not declared."""
    try:
        return _BY_CLASS[type(said)]
    except KeyError:
        raise UnknownFact(f"{type(said).__name__} is not declared with @fact") from None


def names_of(classes: tuple[type, ...]) -> frozenset[str]:
    """The names that rows of these facts carry."""
    return frozenset(_BY_CLASS[cls].name for cls in classes)


def leaf_of(name: str) -> str | None:
    """The leaf type of the facts of that name; None when there is no such fact."""
    return _LEAVES.get(name)


def encode(said: object) -> bytes:
    """Canonical JSON `{"data", "fact", "v"}`: the plaintext of an entry's payload.

    Words for people (`Said`) are kept as they are in English, whoever was at the desk.
    """
    kind = kind_of(said)
    with suppress(TypeError, ValueError, msgspec.MsgspecError):  # then the long way says what is wrong
        data: bytes = _encode(said)
        way = _way_of(kind.cls)
        way.read(data)
        if way.fits(said):
            return b'{"data":%b,"fact":"%b","v":%d}' % (data, kind.name.encode(), kind.v)
    return canonical({"fact": kind.name, "v": kind.v, "data": msgspec.to_builtins(said, enc_hook=_english)})


def decode(payload: bytes) -> Any:
    """The fact of a payload; raises UnknownFact when its name or version is not ours."""
    found = _read_envelope(payload)
    kind = KINDS.get((found.fact, found.v))
    if kind is None:
        raise UnknownFact(f"{found.fact} version {found.v} was written by a newer desk; upgrade this one")
    return _way_of(kind.cls).read(found.data)


class _Envelope(msgspec.Struct):
    fact: str
    v: int
    data: msgspec.Raw


_read_envelope = msgspec.json.Decoder(_Envelope).decode


@dataclasses.dataclass(frozen=True, slots=True)
class _Way:
    """How facts of a class are read, and whether one of them is canonical as the encoder writes it."""

    read: Callable[[bytes | msgspec.Raw], Any]
    fits: Callable[[Any], bool]


@lru_cache(maxsize=1000)
def _way_of(cls: type) -> _Way:
    """Text, truth and whole numbers in fields known by name are canonical when the numbers are in range."""
    read: Callable[[bytes | msgspec.Raw], Any] = msgspec.json.Decoder(cls).decode
    try:
        paths = list(_numbers_in(inspect.type_info(cls)))
    except ValueError:
        return _Way(read, lambda said: False)
    numbers = [attrgetter(path) for path in paths]
    return _Way(read, lambda said: all(_is_whole(number(said)) for number in numbers))


def _is_whole(number: object) -> bool:
    return type(number) is int and 0 <= number <= INTEGER_MAX


def _numbers_in(kind: inspect.Type, path: str = "") -> Iterator[str]:
    """Where a fact has whole numbers; ValueError when it may hold something whose form hangs on its value."""
    match kind:
        case inspect.StrType() | inspect.BoolType() | inspect.NoneType():
            return
        case inspect.IntType() if path:  # in a list it has no name
            yield path
        case inspect.DataclassType():
            for field in kind.fields:
                yield from _numbers_in(field.type, f"{path}.{field.name}".lstrip("."))
        case inspect.VarTupleType() if not list(_numbers_in(kind.item_type)):
            return
        case _:
            raise ValueError(f"{path}: {type(kind).__name__}")


def _english(words: object) -> str:
    if isinstance(words, str):
        return str(words)
    raise TypeError(f"{type(words).__name__} is nothing that a fact may hold")


def _refuse_bad(kind: Kind) -> None:
    if not _NAME.fullmatch(kind.name):
        raise ValueError(f"{kind.name!r} is not <room>.<fact> in lower case")
    if kind.leaf not in FIXED_TYPES and not _NAME.fullmatch(kind.leaf):
        raise ValueError(f"{kind.leaf!r} is not a leaf type")
    if (kind.name, kind.v) in KINDS:
        raise ValueError(f"{kind.name} version {kind.v} is declared twice")
    params = getattr(kind.cls, "__dataclass_params__", None)
    if params is None or not params.frozen:
        raise ValueError(f"{kind.cls.__name__} is not a frozen dataclass")
