"""Changing the key that signs the heads. For a while both keys sign one head, so that whoever trusts the old
one sees the new one vouched for; what was signed before stays good under the key that signed it.

Each step is a fact with the public keys, which is the history of keys (record sheet 2.7, fault 42).
"""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from bankside.record import log_keys, log_secret, published
from bankside.record.append import append
from bankside.record.facts.record import LogKeyChanged
from bankside.record.ids import new_id
from bankside.record.models import Checkpoint
from bankside.record.note import Key, NoteWrong, check, parse_note
from bankside.record.shards import origin_of
from bankside.record.trust import TrustWrong, parse_trust
from bankside.record.verify import TRUST


class KeyNotChanged(RuntimeError):
    """The key cannot be changed now; the message says why and what to do first."""


def begin(actor: str) -> None:
    """Makes a new secret; from now on both sign. Publish afterwards, and give auditors the new keys.

    A signer has made its new key before; here the record is told.
    """
    if settings.SIGNER:
        _tell("begun", _second_keys("first `bankside signer FOLDER --rotate begin` there"), actor)
        return
    before = log_keys.before_file()
    if before.exists():
        raise KeyNotChanged("The key is being changed already: first `bankside log rotate --end`.")
    old = published.keys_in_use()
    log_secret.replace(settings.LOG_KEY_FILE, keep=True)
    _tell("begun", old, actor)


def end(actor: str) -> None:
    """Takes the old secret away, once every log has a head that both keys signed; a signer does so later."""
    if settings.SIGNER:
        _second_keys("no key is being changed")
    elif not log_keys.before_file().exists():
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
    if not settings.SIGNER:
        log_keys.before_file().unlink()


def lost(actor: str) -> None:
    """Makes a new secret in the place of one that is gone. Nothing vouches for it but the record itself.

    The old public keys come from the published trust file: those that signed the last heads are kept.
    """
    if settings.SIGNER:
        raise KeyNotChanged("The signer has the key: put its folder back, or give it a new one.")
    if settings.LOG_KEY_FILE.exists():
        raise KeyNotChanged(f"{settings.LOG_KEY_FILE} is there; nothing is lost.")
    old = _keys_of_last_heads()
    log_secret.replace(settings.LOG_KEY_FILE, keep=False)
    _tell("lost", old, actor)


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


def _tell(step: str, old: list[Key], actor: str) -> None:
    new = [key.vkey for key in published.keys_in_use(newest=True)]
    fact = LogKeyChanged(step=step, old=tuple(key.vkey for key in old), new=tuple(new))
    with transaction.atomic():
        append(fact, f"record.log-key-changed:{new_id()}", actor=actor, obj=new_id())
