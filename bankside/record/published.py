"""What this desk publishes about its logs beside their files: the keys that sign them, as a trust file.

It lies in the folder of all logs as `trust`. Whoever checks the logs should have got it another way, once;
the copy that lies there helps against damage, not against whoever holds the keys.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from bankside.record import log_keys, log_secret
from bankside.record.append import entries_where
from bankside.record.log.note import SIGNS, Key, parse_vkey, public_key
from bankside.record.log.tiles import Folder
from bankside.record.log.trust import Trust, TrustWrong, parse_trust, trust_text
from bankside.record.log.verify import TRUST
from bankside.record.models import Checkpoint
from bankside.record.projection import facts_of
from bankside.record.shards import later, origin_of

YEARS_AHEAD_MAX = 20


def log_trust(years_ahead: int = 0) -> Trust:
    """The keys of every log that has a head, those of before, and those of its lane in the years to come."""
    used = keys_in_use(years_ahead)
    logs = [*used, *(key for key in keys_of_before() if key not in used)]
    return Trust(logs=logs, witnesses=witnesses().witnesses)


def text_of(trust: Trust) -> bytes:
    """The trust file as it is published. How many witnesses are enough, whoever checks decides."""
    return trust_text(trust.logs, trust.witnesses).encode()


def witnesses() -> Trust:
    """The witnesses of BANKSIDE_WITNESSES, with their addresses; raises TrustWrong or OSError."""
    if not settings.WITNESSES:
        return Trust()
    try:
        return parse_trust(Path(settings.WITNESSES).read_bytes())
    except TrustWrong as wrong:
        raise TrustWrong(f"BANKSIDE_WITNESSES: {wrong}") from None


def show_trust() -> None:
    """Writes the trust file when there is a log, or a key, that it does not name."""
    text = text_of(log_trust())
    if folder().read(TRUST) != text:
        folder().write(TRUST, text)


def folder() -> Folder:
    """The folder of all logs."""
    return Folder(settings.LOG_FOLDER, settings.LOG_FOLDER / ".new")


def keys_of_before() -> list[Key]:
    """Keys that go, or went, out of use, oldest first: the record has their history."""
    told = facts_of(entries_where("fact = %s order by n", ["record.log-key-changed"]))
    return list(dict.fromkeys(parse_vkey(vkey) for n in sorted(told) for vkey in told[n].old))


def keys_in_use(years_ahead: int = 0, *, newest: bool = False) -> list[Key]:
    """The keys that sign now, by lane and year; with `newest` only one of each log."""
    of_each = [log_keys.public_keys(origin) for origin in _origins(years_ahead)]
    return [key for keys in of_each for key in (keys[:1] if newest else keys)]


def keys_to_come() -> list[Key]:
    """The keys that sign after the next change of the secret, which is made if it is not there."""
    new = log_secret.to_come(settings.LOG_KEY_FILE)
    return [public_key(origin, SIGNS, log_secret.key_of(new, origin)) for origin in _origins()]


def _origins(years_ahead: int = 0) -> list[str]:
    """The names of the logs that have a head, and of those of their lanes in years to come."""
    found = Checkpoint.objects.filter(size__gt=0).order_by("lane", "year").values_list("lane", "year")
    ahead = range(1, min(years_ahead, YEARS_AHEAD_MAX) + 1)
    further = [(lane, later(year, more)) for lane, year in dict(found).items() for more in ahead]
    return [origin_of(lane, year) for lane, year in [*found, *further]]
