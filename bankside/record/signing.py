"""Asks for the signature of the log under a new head. What comes back is checked before it is believed.

The request is what a witness is asked with (record sheet 2.12): the old size, the proof that the log only
grew, and the three lines that nobody has signed yet. Where BANKSIDE_SIGNER names one, a process of its own
signs, which remembers what it signed; else this process does, which remembers nothing and refuses nothing.
"""

from __future__ import annotations

from django.conf import settings

from bankside.record import log_keys
from bankside.record.log.note import Key, NoteWrong, Signature, check, note_bytes, parse_note, sign
from bankside.record.log.proofs import Growth, growth_bytes, head_of, parse_growth
from bankside.record.log.tiles import parse_head

SAID_MAX = 200
SIZE_DIGITS_MAX = 16


class NotSigned(RuntimeError):
    """The signer is away, refused, or answered with what is no signature of the log."""


class SignerRefused(NotSigned):
    """What this desk asks for does not go on from what was signed: an old or another copy of the record."""


class SignerAhead(NotSigned):
    """The signer has signed `size` entries, more than this desk knows of and at most as many as it has."""

    def __init__(self, size: int) -> None:
        super().__init__(f"the signer has signed {size} entries already")
        self.size = size


def signed(request: Growth) -> str:
    """The head of the request as a signed note; raises NotSigned and its kinds, or KeyMissing."""
    head = head_of(request.checkpoint)
    data = note_bytes(request.checkpoint.decode(), _answer(growth_bytes(request)))
    if not _is_by(log_keys.public_keys(head.origin), data):
        log_keys.forget()  # the signer may have a new key
        if not _is_by(log_keys.public_keys(head.origin), data):
            raise NotSigned(f"the head of {head.origin} lacks the signature of one of its keys")
    return data.decode()


def last_signed(origin: str) -> str:
    """The last head of this log that the signer signed, as a signed note; empty when there is none, or no
    signer. Raises NotSigned or KeyMissing."""
    if not settings.SIGNER:
        return ""
    from bankside.record import signer_asking

    try:
        answer = signer_asking.ask(settings.SIGNER, "/head", origin.encode())
    except signer_asking.SignerAway as away:
        raise NotSigned(str(away)) from None
    if answer.status == 404:
        return ""
    log_keys.forget()
    if answer.status != 200 or not _is_by(log_keys.public_keys(origin), answer.body.encode()):
        raise NotSigned(f"the signer did not tell what it signed of {origin} ({answer.status})")
    return answer.body


def is_signed(note: str, origin: str) -> bool:
    """Whether each key that signs now has its line under this head; raises KeyMissing."""
    try:
        lines = {(one.name, one.id) for one in parse_note(note.encode()).signatures}
    except NoteWrong:
        return False
    return all((key.name, key.id) in lines for key in log_keys.public_keys(origin))


def _is_by(keys: list[Key], data: bytes) -> bool:
    """Whether all these keys signed the note; raises NotSigned when a signature does not hold."""
    try:
        return {one.key for one in check(parse_note(data), keys)} == set(keys)
    except NoteWrong as wrong:
        raise NotSigned(f"the signer's answer is not to be believed: {wrong}") from None


def _answer(request: bytes) -> list[Signature]:
    """What the signer answers: the one that is set, or else this process with its own keys."""
    text = parse_growth(request).checkpoint.decode()
    if settings.SIGNER:
        return _asked(request, text)
    origin = head_of(text.encode()).origin
    pairs = zip(log_keys.public_keys(origin), log_keys.private_keys(origin), strict=True)
    return [sign(text, key, private) for key, private in pairs]


def _asked(request: bytes, text: str) -> list[Signature]:
    from bankside.record import signer_asking

    try:
        answer = signer_asking.ask(settings.SIGNER, "/add-checkpoint", request)
    except signer_asking.SignerAway as away:
        raise NotSigned(str(away)) from None
    if answer.status == 200:
        try:
            return list(parse_note(f"{text}\n{answer.body}".encode()).signatures)
        except NoteWrong as wrong:
            raise NotSigned(f"the signer's answer is not to be believed: {wrong}") from None
    raise _refusal(answer.status, answer.body.strip(), parse_growth(request), text)


def _refusal(status: int, said: str, growth: Growth, text: str) -> NotSigned:
    """What an answer other than 200 means."""
    head = parse_head(text)
    if status not in (409, 422):
        return NotSigned(f"the signer did not sign ({status}): {said[:SAID_MAX]}")
    if status == 422 or not said.isdecimal():
        return SignerRefused(f"{head.origin} does not go on from what the signer signed: {said[:SAID_MAX]}")
    signed_size = int(said[:SIZE_DIGITS_MAX])
    if growth.old < signed_size <= head.size:
        return SignerAhead(signed_size)
    return SignerRefused(
        f"the signer has signed {signed_size} entries of {head.origin}, and this desk asks it to go on"
        f" from {growth.old} to {head.size}: an older or another copy of the record, or of the signer"
    )
