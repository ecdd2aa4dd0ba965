"""The key that wraps all other keys, as long as this process may have it in memory.

It is 32 random bytes, one for each *generation*, and lies in the database wrapped by the provider. It is
unwrapped when a process first needs it. The provider is asked again each third of KEY_LEASE_MINUTES; when it
does not answer, the key stays until the lease is over, then it is dropped and nothing is read (fault 40).
When it refuses, the key is dropped at once. New generations are noticed within 20 seconds; an older one is
looked up by its number as long as anything is wrapped with it (decision 29).
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from threading import RLock
from typing import Final, NamedTuple

from django.conf import settings

from bankside.record import clock, providers
from bankside.record.keys import KEY_BYTES, NO_KEY, KeyAway, KeyMissing, KeyWrong, WrappingKeyMissing
from bankside.record.models import WrappedKey, WrappingKey
from bankside.record.providers import Provider

# How long another process may go on wrapping with a generation that is no longer the newest.
LOOK_SECONDS: Final = 20.0
# A provider that did not answer is asked again after so long, by one thread; the others go on meanwhile.
AGAIN_SECONDS: Final = 10.0
ASKED_PER_LEASE: Final = 3

AT_HAND, WAITING, DROPPED = "at hand", "provider away", "dropped"

log = logging.getLogger(__name__)


class Kek(NamedTuple):
    """A generation and its 32 bytes."""

    generation: int
    key: bytes


@dataclass(frozen=True, slots=True)
class _Held:
    """What this process has; replaced as a whole. Times are those of `_now`, in seconds.

    `asked`: when the provider last answered; `trouble`: why it did not since, at `tried`.
    """

    keys: Mapping[int, bytes] = field(default_factory=dict)
    newest: int = -1
    looked: float = 0.0
    asked: float = 0.0
    tried: float = 0.0
    trouble: Exception | None = None


_held = _Held()
_lock = RLock()
_now = time.monotonic


def current() -> Kek:
    """The newest generation, which wraps. Raises KeyAway, KeyWrong, KeyMissing, KeyProviderUnknown."""
    held = _fresh()
    return Kek(held.newest, held.keys[held.newest])


def key_of(generation: int) -> bytes:
    """The key of a generation, which unwraps; raises as `current`, and KeyMissing when it was destroyed."""
    held = _fresh()
    if (key := held.keys.get(generation)) is not None:
        return key
    with _lock:
        _look(all_of_them=False)
    if (key := _held.keys.get(generation)) is None:
        raise KeyMissing(
            f"generation {generation} of the wrapping key is not there; what it wraps cannot be read"
        )
    return key


def is_at_hand() -> bool:
    """Whether keys may be used that were unwrapped before: one comparison, nobody is asked."""
    return _held.newest >= 0 and _now() - _held.asked < _lease_seconds()


def state() -> tuple[str, str]:
    """AT_HAND, WAITING (the provider is away and the lease not over) or DROPPED, and what the trouble is."""
    try:
        current()
    except (*NO_KEY, KeyMissing) as trouble:
        return DROPPED, str(trouble)
    return (WAITING if _held.trouble else AT_HAND), str(_held.trouble or "")


def make_first() -> None:
    """The first generation of a new desk; called when the desk is founded, in its transaction."""
    if WrappingKey.objects.exists():
        if settings.KEY_PROVIDER == "file":
            WrappedKey.objects.filter(provider="file", holder="").update(holder=providers.named().holder())
        return
    provider = providers.named()
    provider.make()
    add(1, secrets.token_bytes(KEY_BYTES), provider)


def add(generation: int, key: bytes, provider: Provider) -> None:
    """A new generation, wrapped by the provider and opened again before anybody relies on it."""
    row = WrappingKey.objects.create(generation=generation, made_at=clock.now_ms())
    wrap(row.generation, key, provider)


def wrap(generation: int, key: bytes, provider: Provider) -> None:
    """One generation under the provider's key of now; a wrap by the same key is replaced."""
    wrapped = provider.wrap(key, context(generation))
    if provider.unwrap(wrapped, context(generation)) != key:
        raise KeyWrong(f"{provider.name} does not give back what it wrapped; nothing was changed")
    WrappedKey.objects.update_or_create(
        wrapping_id=generation,
        provider=provider.name,
        holder=provider.holder(),
        defaults={"wrapped": wrapped},
    )


def context(generation: int) -> bytes:
    """What is bound into a wrapped generation."""
    return f"bankside/kek/{generation}".encode()


def forget() -> None:
    """Drops what this process has in memory."""
    global _held
    with _lock:
        _held = _Held()


def _fresh() -> _Held:
    """What may be used now, looked up again where it is time to."""
    held = _held
    if is_at_hand() and _now() - held.looked < LOOK_SECONDS:
        return held
    # Somebody asks already: the others go on with what they have, if they have something.
    if not _lock.acquire(blocking=not is_at_hand()):
        return held
    try:
        if not is_at_hand() or _now() - _held.looked >= LOOK_SECONDS:
            _look(all_of_them=_now() - _held.asked >= _lease_seconds() / ASKED_PER_LEASE)
        return _held
    finally:
        _lock.release()


def _look(*, all_of_them: bool) -> None:
    """The generations as they are in the database; unwraps those that are new, or all of them again."""
    global _held
    wraps, now = _wraps(), _now()
    wanted = [n for n in wraps if all_of_them or n not in _held.keys]
    if wanted and _held.trouble and now - _held.tried < AGAIN_SECONDS:
        return _still_away(_held.trouble)
    try:
        provider = providers.named()
        opened = {n: _opened(provider, n, wraps[n]) for n in wanted}
    except (KeyAway, KeyMissing) as away:
        if not _held.trouble:
            log.warning("the provider of keys is away: %s", away)
        _held = replace(_held, tried=now, looked=now, trouble=away)
        return _still_away(away)
    except KeyWrong:  # it answers, and says no
        forget()
        raise
    if all_of_them and _held.trouble:
        log.warning("the provider of keys answers again")
    _held = _Held(
        keys={n: opened.get(n) or _held.keys[n] for n in wraps}, newest=max(wraps), looked=now,
        asked=now if all_of_them else _held.asked, trouble=None if all_of_them else _held.trouble,
    )  # fmt: skip
    return None


def _still_away(why: Exception) -> None:
    """Goes on with what is in memory, or drops it when the lease is over."""
    global _held
    if is_at_hand():
        return
    _held = _Held(tried=_held.tried, trouble=_held.trouble)
    raise (WrappingKeyMissing if isinstance(why, KeyMissing) else KeyAway)(str(why))


def _wraps() -> dict[int, list[tuple[str, bytes]]]:
    """By generation, what the provider of the settings wrapped: its key's name and the bytes."""
    found: dict[int, list[tuple[str, bytes]]] = {}
    name: str = settings.KEY_PROVIDER
    rows = WrappedKey.objects.order_by("wrapping_id").values_list(
        "wrapping_id", "provider", "holder", "wrapped"
    )
    others = set()
    for generation, provider, holder, wrapped in rows:
        found.setdefault(generation, [])
        if provider == name:
            found[generation].append((holder, bytes(wrapped)))
        else:
            others.add(provider)
    if not found:
        raise KeyMissing("the desk has no wrapping key yet; run `bankside migrate`")
    if not any(found.values()):
        raise KeyWrong(
            f"BANKSIDE_KEY_PROVIDER is {name}, and the wrapping key is with {', '.join(sorted(others))}:"
            f" `bankside key move {name}` there first"
        )
    return found


def _opened(provider: Provider, generation: int, wraps: list[tuple[str, bytes]]) -> bytes:
    holder = provider.holder()
    for name, wrapped in wraps:
        if name == holder:
            return provider.unwrap(wrapped, context(generation))
    if [name for name, _ in wraps] == [""]:  # not named yet by `migrate`
        return provider.unwrap(b"", context(generation))
    raise KeyWrong(
        f"generation {generation} of the wrapping key was not wrapped by the key that {provider.name} has now"
        f" ({holder}): it is another one than it was. Restore it from the key backup"
    )


def _lease_seconds() -> float:
    return float(settings.KEY_LEASE_MINUTES * 60)
