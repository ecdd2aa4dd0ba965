"""Changing the key that signs the heads. For a while both keys sign one head, so that whoever trusts the old
one sees the new one vouched for; what was signed before stays good under the key that signed it.

Each step is a fact with the public keys, which is the history of keys (record sheet 2.7, fault 42).
"""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.db import transaction

from bankside.record import log_keys, log_secret, published, recovery
from bankside.record.append import append
from bankside.record.facts.record import LogKeyChanged
from bankside.record.ids import new_id
from bankside.record.log.note import Key, NoteWrong, check, parse_note
from bankside.record.log.trust import TrustWrong, parse_trust
from bankside.record.log.verify import TRUST
from bankside.record.models import Checkpoint
from bankside.record.shards import logs, origin_of


class KeyNotChanged(RuntimeError):
    """The key cannot be changed now; the message says why and what to do first."""


def begin(actor: str, second: str) -> None:
    """Makes a new secret; from now on both sign. Publish afterwards, and give auditors the new keys.

    A signer has made its new key before; here the record is told. It takes two people, as actors.
    """
    _refuse_one(actor, second)
    if settings.SIGNER:
        old = _second_keys("first `bankside signer FOLDER --rotate begin` there")
        _tell("begun", old, published.keys_in_use(newest=True), (actor, second))
        return
    if log_secret.changing(settings.LOG_KEY_FILE):
        raise KeyNotChanged("The key is being changed already: first `bankside log rotate --end`.")
    _tell("begun", published.keys_in_use(), published.keys_to_come(), (actor, second))
    log_secret.replace(settings.LOG_KEY_FILE, keep=True)


def end(actor: str, second: str) -> None:
    """Takes the old secret away, once every log has a head that both keys signed; a signer does so later."""
    _refuse_one(actor, second)
    if settings.SIGNER:
        _second_keys("no key is being changed")
    elif not log_secret.changing(settings.LOG_KEY_FILE):
        raise KeyNotChanged("No key is being changed.")
    left = {(one.lane, one.year) for one in logs() if one.left}
    for head in Checkpoint.objects.filter(size__gt=0):
        if (head.lane, head.year) in left:
            continue  # nobody signs it any more
        origin = origin_of(head.lane, head.year)
        keys = log_keys.public_keys(origin)
        if {one.key for one in check(parse_note(head.note.encode()), keys)} != set(keys):
            raise KeyNotChanged(
                f"The head of {origin} is not signed by both yet: run `bankside log publish`."
            )
    new = published.keys_in_use(newest=True)
    _tell("ended", [key for key in published.keys_in_use() if key not in new], new, (actor, second))
    if not settings.SIGNER:
        log_secret.end(settings.LOG_KEY_FILE)


def lost(actor: str, second: str) -> None:
    """Makes a new secret in the place of one that is gone. Nothing vouches for it but the record itself.

    The old public keys come from the published trust file: those that signed the last heads are kept.
    """
    _refuse_one(actor, second)
    if settings.SIGNER:
        raise KeyNotChanged("The signer has the key: put its folder back, or give it a new one.")
    if settings.LOG_KEY_FILE.exists():
        raise KeyNotChanged(f"{settings.LOG_KEY_FILE} is there; nothing is lost.")
    _tell("lost", _keys_of_last_heads(), published.keys_to_come(), (actor, second))
    log_secret.replace(settings.LOG_KEY_FILE, keep=False)


def _refuse_one(actor: str, second: str) -> None:
    """Before anything is made: whoever has the key can sign whatever she likes."""
    recovery.require_open()
    if actor == second:
        raise KeyNotChanged("Changing the key takes two people, and these are one.")


def _second_keys(instead: str) -> list[Key]:
    """The keys that go out of use, as the signer tells them; KeyNotChanged when it has one alone."""
    log_keys.forget()
    newest = published.keys_in_use(newest=True)
    if not (old := [key for key in published.keys_in_use() if key not in newest]):
        raise KeyNotChanged(f"The signer has the key, and one alone: {instead}.")
    return old


def _keys_of_last_heads() -> list[Key]:
    try:
        known = parse_trust(published.folder().read(TRUST) or b"").logs
    except TrustWrong:
        raise KeyNotChanged("The trust file of the logs is damaged: put back an auditor's copy.") from None
    found: list[Key] = []
    for head in Checkpoint.objects.filter(size__gt=0).exclude(note=""):
        try:
            found += [one.key for one in check(parse_note(head.note.encode()), known)]
        except NoteWrong:
            continue  # `verify` names it
    return found


def _tell(step: str, old: list[Key], new: list[Key], two: tuple[str, str]) -> None:
    """The record knows before the key is changed: killed between the two, the next try tells once."""
    actor, second = two
    named = tuple(key.vkey for key in new)
    which = hashlib.sha256("\n".join(named).encode()).hexdigest() if named else new_id()
    fact = LogKeyChanged(step=step, old=tuple(key.vkey for key in old), new=named, second=second)
    with transaction.atomic():
        append(fact, f"record.log-key-changed:{step}:{which}", actor=actor, obj=new_id())
