"""Changing the key that signs the heads. For a while both keys sign one head, so that whoever trusts the old
one sees the new one vouched for; what was signed before stays good under the key that signed it.

Each step is a fact with the public keys, which is the history of keys (record sheet 2.7, fault 42).
"""

from __future__ import annotations

import os

from django.conf import settings
from django.db import transaction

from bankside.record import log_keys, published
from bankside.record.append import append
from bankside.record.facts.record import LogKeyChanged
from bankside.record.ids import new_id
from bankside.record.keys import make_once
from bankside.record.models import Checkpoint
from bankside.record.note import Key, NoteWrong, check, parse_note
from bankside.record.shards import origin_of
from bankside.record.trust import TrustWrong, parse_trust
from bankside.record.verify import TRUST


class KeyNotChanged(RuntimeError):
    """The key cannot be changed now; the message says why and what to do first."""


def begin(actor: str) -> None:
    """Makes a new secret; from now on both sign. Publish afterwards, and give auditors the new keys."""
    before = log_keys.before_file()
    if before.exists():
        raise KeyNotChanged("The key is being changed already: first `bankside log rotate --end`.")
    old = published.keys_in_use()
    _replace_secret(keep=True)
    _tell("begun", old, actor)


def end(actor: str) -> None:
    """Takes the old secret away, once every log has a head that both keys signed."""
    if not log_keys.before_file().exists():
        raise KeyNotChanged("No key is being changed.")
    for head in Checkpoint.objects.filter(size__gt=0):
        origin = origin_of(head.lane, head.year)
        keys = log_keys.public_keys(origin)
        if {one.key for one in check(parse_note(head.note.encode()), keys)} != set(keys):
            raise KeyNotChanged(
                f"The head of {origin} is not signed by both yet: run `bankside log publish`."
            )
    old = [key for key in published.keys_in_use() if key not in published.keys_in_use(newest=True)]
    _tell("ended", old, actor)
    log_keys.before_file().unlink()


def lost(actor: str) -> None:
    """Makes a new secret in the place of one that is gone. Nothing vouches for it but the record itself.

    The old public keys come from the published trust file: those that signed the last heads are kept.
    """
    if settings.LOG_KEY_FILE.exists():
        raise KeyNotChanged(f"{settings.LOG_KEY_FILE} is there; nothing is lost.")
    old = _keys_of_last_heads()
    _replace_secret(keep=False)
    _tell("lost", old, actor)


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


def _replace_secret(*, keep: bool) -> None:
    """At no moment is there none, and what is there is whole."""
    file = settings.LOG_KEY_FILE
    new = file.with_name(f"{file.name}.new")
    new.unlink(missing_ok=True)
    make_once(new)
    if keep:
        os.link(file, log_keys.before_file())
    new.replace(file)
    log_keys.forget()


def _tell(step: str, old: list[Key], actor: str) -> None:
    new = [key.vkey for key in published.keys_in_use(newest=True)]
    fact = LogKeyChanged(step=step, old=tuple(key.vkey for key in old), new=tuple(new))
    with transaction.atomic():
        append(fact, f"record.log-key-changed:{new_id()}", actor=actor, obj=new_id())
