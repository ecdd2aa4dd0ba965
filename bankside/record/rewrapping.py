"""Changing the key that wraps all other keys, and moving it to another provider.

A change makes a new generation, wraps every subject's and class's key anew in small transactions, and
destroys the generations before it. A kill at any step leaves everything readable, because a key names the
generation that it is wrapped with and the database keeps a generation as long as one names it; the same
command goes on.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import models, transaction

from bankside.record import kek, providers, recovery
from bankside.record.append import append
from bankside.record.facts.keys import WrappingKeyChanged
from bankside.record.ids import new_id
from bankside.record.keys import KEY_BYTES
from bankside.record.models import KeyClass, Subject, WrappedKey, WrappingKey
from bankside.record.payload import Unreadable, unwrap_key, wrap_key
from bankside.record.providers import Provider

BATCH: Final = 500
# Other processes notice a new generation within LOOK_SECONDS and wrap with it from then on.
SETTLE_SECONDS: Final = kek.LOOK_SECONDS + 2
PASSES_MAX: Final = 5
NAMED_MAX: Final = 20

Progress = Callable[[str], None]
Context = Callable[[str], str]
# Each table with a wrapped key: its model, and what is bound into the key of a row.
_PLACES: Final[tuple[tuple[type[models.Model], Context], ...]] = (
    (KeyClass, lambda name: f"class-{name}"),
    (Subject, lambda subj: subj),
)


class NotChanged(RuntimeError):
    """The wrapping key cannot be changed now; the message says why and what to do first."""


class KeysDamaged(NotChanged):
    """Some keys do not open, so that what they are wrapped with is kept; the message names them."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What was done: the newest generation, those destroyed, and how many keys were wrapped anew."""

    generation: int
    destroyed: tuple[int, ...]
    wrapped: int


def rotate(actor: str, second: str, progress: Progress = lambda words: None) -> Changed:
    """A new generation for everything, in the name of two people; goes on where it was cut short.

    Raises NotChanged, KeysDamaged, and those of keys.NO_KEY.
    """
    _refuse_one(actor, second)
    kek.forget()
    before = _generations()
    if _is_moving():
        raise NotChanged(
            f"The key is being moved: first end that, `bankside key move {settings.KEY_PROVIDER} --end`."
        )
    if len(before) == 1:
        progress("renewing the key of the provider")
        _renew(providers.named())
        progress(f"making generation {before[-1] + 1}")
        _begin(before[-1] + 1, actor, second)
    wrapped = _wrap_all(progress)
    return _end(wrapped, actor, second)


def move(name: str, actor: str, second: str) -> Changed:
    """Wraps every generation by another provider as well, beside the one of now; no other key is touched.

    To the same provider: by the newest key that it has. Nothing is taken away before `leave`.
    """
    _refuse_one(actor, second)
    kek.forget()
    to = providers.named(name)
    if name == settings.KEY_PROVIDER:
        _renew(to)
    else:
        to.make()
    with transaction.atomic():
        for generation in _generations():
            kek.wrap(generation, kek.key_of(generation), to)
        _tell("moved", to, 0, actor, second)
    kek.forget()
    return Changed(_generations()[-1], (), 0)


def leave(name: str, actor: str, second: str) -> Changed:
    """Takes away what other providers have wrapped, once the settings name this one and it opens all."""
    _refuse_one(actor, second)
    if name != settings.KEY_PROVIDER:
        raise NotChanged(
            f"This desk still asks {settings.KEY_PROVIDER}: set BANKSIDE_KEY_PROVIDER={name}, start every"
            " process again, and then end the move."
        )
    kek.forget()
    provider = providers.named()
    for generation in _generations():
        kek.key_of(generation)  # opened by this provider, or refused
    with transaction.atomic():
        old = WrappedKey.objects.exclude(provider=name, holder=provider.holder())
        if not old.exists():
            raise NotChanged("No other provider has the key.")
        old.delete()
        _tell("left", provider, 0, actor, second)
    return Changed(_generations()[-1], (), 0)


def left() -> int:
    """How many keys are still wrapped with an older generation than the newest."""
    newest = _generations()[-1]
    return sum(model._default_manager.exclude(kek=newest).count() for model, _ in _PLACES)


def _refuse_one(actor: str, second: str) -> None:
    recovery.require_open()
    if actor == second:
        raise NotChanged("Changing the wrapping key takes two people, and these are one.")


def _generations() -> list[int]:
    found = list(WrappingKey.objects.order_by("generation").values_list("generation", flat=True))
    if not found:
        raise NotChanged("The desk has no wrapping key yet; run `bankside migrate`.")
    return found


def _is_moving() -> bool:
    return WrappedKey.objects.exclude(provider=settings.KEY_PROVIDER).exists()


def _renew(provider: Provider) -> None:
    """A new key of the provider's own, where it lies in a file: first everything is wrapped by both."""
    new = provider.renewed()
    if new is None:
        return
    with transaction.atomic():
        for generation in _generations():
            kek.wrap(generation, kek.key_of(generation), new)
    provider.adopt()
    kek.forget()
    now = provider.holder()
    WrappedKey.objects.filter(provider=provider.name).exclude(holder=now).delete()


def _begin(generation: int, actor: str, second: str) -> None:
    provider = providers.named()
    with transaction.atomic():
        kek.add(generation, secrets.token_bytes(KEY_BYTES), provider)
        _tell("begun", provider, 0, actor, second, generation=generation)
    kek.forget()


def _wrap_all(progress: Progress) -> int:
    """Everything, and after the others have noticed once more what they wrapped meanwhile."""
    done = 0
    for turn in range(PASSES_MAX):
        damaged: list[str] = []
        for model, context in _PLACES:
            for wrapped, broken in _passed(model, context):
                done += wrapped
                damaged += broken
                progress(f"{done} keys wrapped anew")
        if damaged:
            raise KeysDamaged(
                f"{len(damaged)} keys do not open, and the generation that they are wrapped with is kept:"
                f" {', '.join(damaged[:NAMED_MAX])}. `bankside verify` names what they open."
            )
        if turn and not left():
            return done
        if not turn:
            time.sleep(SETTLE_SECONDS)
    raise NotChanged("Somebody still wraps with an older generation: stop old processes, and try again.")


def _passed(model: type[models.Model], context: Context) -> Iterator[tuple[int, list[str]]]:
    """One walk through a table, by batches: how many were wrapped anew, and which do not open."""
    newest, last = kek.current(), ""
    while True:
        with transaction.atomic():
            rows = _batch(model, newest.generation, last)
            changed, damaged = _wrapped_anew(rows, context, newest)
            model._default_manager.bulk_update(changed, ["wrapped", "kek"])
        if not rows:
            return
        last = rows[-1].pk
        yield len(changed), damaged


def _batch(model: type[models.Model], newest: int, after: str) -> list[Any]:
    """Rows that nobody erases meanwhile, by their names."""
    rows = model._default_manager.exclude(kek=newest).filter(pk__gt=after).order_by("pk")
    if transaction.get_connection().features.has_select_for_update:
        rows = rows.select_for_update()
    return list(rows[:BATCH])


def _wrapped_anew(rows: list[Any], context: Context, newest: kek.Kek) -> tuple[list[Any], list[str]]:
    changed, damaged = [], []
    for row in rows:
        name = context(row.pk)
        try:
            key = unwrap_key(kek.key_of(row.kek_id), bytes(row.wrapped), name)
        except Unreadable:
            damaged.append(name)
            continue
        row.wrapped, row.kek_id = wrap_key(newest.key, key, name), newest.generation
        changed.append(row)
    return changed, damaged


def _end(wrapped: int, actor: str, second: str) -> Changed:
    """The generations before are destroyed; the database refuses as long as a key is wrapped with one."""
    *old, newest = _generations()
    provider = providers.named()
    with transaction.atomic():
        WrappingKey.objects.filter(generation__in=old).delete()
        WrappedKey.objects.filter(provider=provider.name).exclude(holder=provider.holder()).delete()
        _tell("destroyed", provider, wrapped, actor, second)
    kek.forget()
    return Changed(newest, tuple(old), wrapped)


def _tell(
    step: str, provider: Provider, wrapped: int, actor: str, second: str, generation: int | None = None
) -> None:
    fact = WrappingKeyChanged(
        step=step, generation=_generations()[-1] if generation is None else generation,
        provider=provider.name, holder=provider.holder(), wrapped=wrapped, second=second,
    )  # fmt: skip
    append(fact, f"record.wrapping-key-changed:{new_id()}", actor=actor, obj=new_id())
