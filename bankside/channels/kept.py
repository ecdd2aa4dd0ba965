"""What a network gave, masked and sealed, written down once: the same item twice is one row.

Nothing but keeping is done here; `reading.py` makes facts of it later. The original bytes are never stored.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Sequence
from typing import Any

from bankside.channels import body
from bankside.channels.models import Channel, Item, Sighting
from bankside.networks import contract
from bankside.record import sealed
from bankside.record.identifiers import mask_tree
from bankside.said import Said

KEY_CLASS = "intake"
HOOK, POLL = "hook", "poll"
REMOTE_ID_CHARACTERS_MAX = 200
VERSION_CHARACTERS_MAX = 100
KEYS_PER_QUERY_MAX = 300

Key = tuple[int, str, str]
log = logging.getLogger(__name__)


class TooDeep(ValueError):
    """The item is nested so deep that no reader should be given it."""


def row_of(channel: Channel, item: contract.Item, *, via: str, now_ms: int) -> Item:
    """The row for an item, unsaved. One that cannot be written down is set aside with its reason."""
    row = Item(
        channel=channel, via=via, received_at=now_ms,
        remote_id=named(item.remote_id, REMOTE_ID_CHARACTERS_MAX),
        version=named(item.version, VERSION_CHARACTERS_MAX),
    )  # fmt: skip
    try:
        row.body, row.red = _sealed(row, item)
    except Exception as error:
        log.error("an item of channel %s cannot be kept: %s", channel.obj, type(error).__name__)
        row.state, row.error = Item.POISONED, type(error).__name__
    return row


def write(rows: Sequence[Item], *, current: bool = False) -> set[Key]:
    """Inserts what is not there yet, in the caller's transaction; the keys of what was new.

    `current`: this is how things stand now. An old version that stands there again (an edit was taken
    back, a comment restored) is then news as well; of a hook it would only be a late repetition.
    """
    fresh = {key_of(row): row for row in rows}
    known = set(_known(list(fresh)))
    repeated = [fresh.pop(key) for key in known & fresh.keys()]
    Item.objects.bulk_create(fresh.values(), ignore_conflicts=True)
    return set(fresh) | (_come_back(repeated, known) if current else set())


def key_of(row: Item) -> Key:
    """What makes an item one: its channel, its id there, and its version."""
    return row.channel_id, row.remote_id, row.version


def opened(row: Item) -> dict[str, Any]:
    """The masked item as decoded JSON. Raises sealed.Unreadable."""
    plain = sealed.unseal(KEY_CLASS, bytes(row.body), _context(row))
    value: dict[str, Any] = json.loads(plain)
    return value


def named(text: str, characters_max: int) -> str:
    """A network's own name for something, in a form that any database takes; long ones end in a digest."""
    clean = text.encode(errors="replace").decode().replace("\x00", "?")
    if len(clean) <= characters_max:
        return clean
    digest = hashlib.sha256(clean.encode()).hexdigest()
    return f"{clean[: characters_max - len(digest) - 1]}~{digest}"


def _sealed(row: Item, item: contract.Item) -> tuple[bytes, list[str]]:
    if not body.depth_is_fine(item.raw):
        raise TooDeep(Said("The item is nested more than %(number)s levels deep.", number=body.DEPTH_MAX))
    masked, red = mask_tree(_without_nul(item.raw), item.ids)
    # ASCII with escapes holds whatever came, even half characters: whether it can be read is decided later.
    plain = json.dumps(masked, ensure_ascii=True, separators=(",", ":")).encode()
    return sealed.seal(KEY_CLASS, plain, _context(row)), list(red)


def _without_nul(value: Any) -> Any:
    """The same with U+FFFD for NUL, which PostgreSQL holds in no text; a mention is not lost for it."""
    match value:
        case str():
            return value.replace("\x00", "\ufffd")
        case dict():
            return {_without_nul(name): _without_nul(one) for name, one in value.items()}
        case list() | tuple():
            return [_without_nul(one) for one in value]
        case _:
            return value


def _context(row: Item) -> str:
    return f"{row.channel.obj}|{row.remote_id}|{row.version}"


def _come_back(repeated: list[Item], known: set[Key]) -> set[Key]:
    """Puts those on the table again that were read and are not the newest version that we know of."""
    newest = {
        (channel, name): version
        for some in _slices(repeated)
        for channel, name, version in Sighting.objects.filter(
            channel__in={row.channel_id for row in some}, remote_id__in={row.remote_id for row in some}
        ).values_list("channel_id", "remote_id", "version")
    }
    back: set[Key] = set()
    for row in repeated:
        version = newest.get((row.channel_id, row.remote_id), row.version)
        if version == row.version or (row.channel_id, row.remote_id, version) not in known:
            continue
        there = Item.objects.filter(channel=row.channel, remote_id=row.remote_id, version=row.version)
        changes = {"body": row.body, "red": row.red, "via": row.via, "received_at": row.received_at}
        if there.filter(state=Item.READ).update(state=row.state, **changes):
            back.add(key_of(row))
    return back


def _slices(rows: list[Item]) -> Iterable[list[Item]]:
    for start in range(0, len(rows), KEYS_PER_QUERY_MAX):
        yield rows[start : start + KEYS_PER_QUERY_MAX]


def _known(keys: list[Key]) -> Iterable[Key]:
    """Every version that is there of the things that these keys are about."""
    for start in range(0, len(keys), KEYS_PER_QUERY_MAX):
        some = keys[start : start + KEYS_PER_QUERY_MAX]
        rows = Item.objects.filter(channel__in={k[0] for k in some}, remote_id__in={k[1] for k in some})
        yield from rows.values_list("channel_id", "remote_id", "version")
