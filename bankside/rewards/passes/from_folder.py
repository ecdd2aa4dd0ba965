"""What a bank puts into the folder of a wallet, read and looked at.

The files are named in docs/operate/wallet-passes.md. A folder that lacks something says what; no message has
anything of a key in it.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from bankside.rewards.passes import apple, google
from bankside.rewards.passes.apple import AppleSettings
from bankside.rewards.passes.google import GoogleSettings
from bankside.rewards.passes.points_pass import NotOnAPass, PassNotConfigured, PointsPass
from bankside.rewards.payments.finding import CardNumber
from bankside.said import Said

NAMES: Final = "pass.toml"
CERTIFICATE, KEY, AUTHORITY, PASSWORD = "certificate.pem", "key.pem", "wwdr.pem", "key-password"
ACCOUNT: Final = "service-account.json"
TEXT_BYTES_MAX: Final = 20_000
FILES_MAX: Final = 100
"""More files than this in a folder are not looked at."""

_SAMPLE: Final = "abcdefgh"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplePasses:
    """Everything that an Apple pass needs besides a member. `programme`: the name on the pass."""

    settings: AppleSettings
    pictures: Mapping[str, bytes]
    programme: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GooglePasses:
    """Everything that a Google pass needs besides a member. `programme`: the name on the pass."""

    settings: GoogleSettings
    programme: str


Stamp = tuple[tuple[str, int, int], ...]
"""Name, nanoseconds of the last change and bytes of each file: another stamp is another content."""


def stamp(folder: Path) -> Stamp:
    """What the folder looks like from outside; empty for one that is not there or may not be read."""
    try:
        found = sorted(folder.iterdir())[:FILES_MAX]
        return tuple((one.name, (seen := one.stat()).st_mtime_ns, seen.st_size) for one in found)
    except OSError:
        return ()


def apple_passes(folder: Path, *, organisation: str, programme: str, at: datetime) -> ApplePasses:
    """The folder for Apple Wallet, good at this moment (with zone). The names are used where it has none.

    Raises PassNotConfigured with what is missing or wrong.
    """
    needed = (NAMES, CERTIFICATE, KEY, AUTHORITY, *sorted(apple.PICTURES_NEEDED))
    _require("Apple Wallet", folder, needed)
    known = {"pass_type_id", "team_id", "organisation", "programme", "foreground", "background"}
    given = _names(folder, known)
    title = given.pop("programme", programme)
    pems = (_read(folder, name, apple.PEM_BYTES_MAX) for name in (CERTIFICATE, KEY, AUTHORITY))
    certificate, key, authority = pems
    settings = AppleSettings(
        **{"organisation": organisation, "pass_type_id": "", "team_id": "", **given},
        certificate=certificate, key=key, authority=authority, password=_password(folder),
    )  # fmt: skip
    there = sorted(name for name in apple.PICTURES if (folder / name).is_file())
    pictures = {name: _read(folder, name, apple.PICTURE_BYTES_MAX) for name in there}
    try:
        apple.check(settings, pictures, at=at)
    except NotOnAPass as refused:
        raise PassNotConfigured(*refused.args) from None
    return ApplePasses(settings=settings, pictures=pictures, programme=_titled(title))


def google_passes(folder: Path, *, organisation: str, programme: str) -> GooglePasses:
    """The folder for Google Wallet. Names and errors as with `apple_passes`."""
    _require("Google Wallet", folder, (NAMES, ACCOUNT))
    given = _names(folder, {"issuer_id", "class_name", "logo", "origins", "organisation", "programme"})
    title = given.pop("programme", programme)
    account, key = _account(folder)
    settings = GoogleSettings(
        **{"organisation": organisation, "issuer_id": "", **given}, account=account, key=key
    )
    google.check(settings)
    return GooglePasses(settings=settings, programme=_titled(title))


def _require(wallet: str, folder: Path, names: Iterable[str]) -> None:
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise PassNotConfigured(
            Said(
                "%(wallet)s is not set up: its folder lacks %(files)s.",
                wallet=wallet, files=", ".join(missing),
            )
        )  # fmt: skip


def _names(folder: Path, known: set[str]) -> dict[str, Any]:
    """What `pass.toml` says; `origins` is a list of texts, all else a text."""
    try:
        told = tomllib.loads(_read(folder, NAMES, TEXT_BYTES_MAX).decode())
    except (ValueError, RecursionError):
        raise _unreadable(NAMES) from None
    if strange := sorted(told.keys() - known):
        raise PassNotConfigured(
            Said("pass.toml has a line that is not known: %(name)s.", name=str(strange[0])[:40])
        )
    for name, value in told.items():
        texts = value if name == "origins" and isinstance(value, list) else [value]
        if not all(isinstance(text, str) for text in texts):
            raise PassNotConfigured(Said("pass.toml: %(name)s must be a text in quotes.", name=name))
    if "origins" in told:
        one = told["origins"]
        told["origins"] = tuple(one) if isinstance(one, list) else (one,)
    return told


def _account(folder: Path) -> tuple[str, bytes]:
    """Address and key of the service account, from the file as Google gives it."""
    try:
        told = json.loads(_read(folder, ACCOUNT, TEXT_BYTES_MAX))
        account, key = told["client_email"], told["private_key"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise _unreadable(ACCOUNT) from None
    if not (isinstance(account, str) and isinstance(key, str)):
        raise _unreadable(ACCOUNT)
    return account, key.encode()


def _password(folder: Path) -> bytes:
    if not (folder / PASSWORD).is_file():
        return b""
    return _read(folder, PASSWORD, TEXT_BYTES_MAX).rstrip(b"\r\n")


def _read(folder: Path, name: str, bytes_max: int) -> bytes:
    try:
        with (folder / name).open("rb") as file:
            body = file.read(bytes_max + 1)
    except OSError:
        raise _unreadable(name) from None
    if len(body) > bytes_max:
        raise PassNotConfigured(
            Said("%(file)s is larger than %(bytes)s bytes and was not read.", file=name, bytes=bytes_max)
        )
    return body


def _unreadable(name: str) -> PassNotConfigured:
    return PassNotConfigured(
        Said("%(file)s in the folder of the wallet cannot be read, or is not what it should be.", file=name)
    )


def _titled(programme: str) -> str:
    """The name, if it may be on a pass."""
    try:
        PointsPass(serial=_SAMPLE, programme=programme, points=0)
    except (NotOnAPass, CardNumber) as refused:
        raise PassNotConfigured(*refused.args[:1]) from None
    return programme
