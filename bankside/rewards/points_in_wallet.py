"""A member's points for the wallet of her phone: which wallets are set up, and her pass as it is now.

A pass holds numbers, an opaque id and, if she wishes, the address of the code on her card while it leads
somewhere. A wallet that is not set up, or no longer, is not offered; staff are told what it lacks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, TypeVar

from django.conf import settings

from bankside.record import clock
from bankside.rewards import card, short_link, taking_part, wallet
from bankside.rewards.models import Member
from bankside.rewards.passes import apple, from_folder, google
from bankside.rewards.passes.from_folder import ApplePasses, GooglePasses, Stamp
from bankside.rewards.passes.points_pass import ADDRESS_CHARACTERS_MAX, PassNotConfigured, PointsPass
from bankside.said import Said

Wallet = Literal["apple", "google"]
Passes = TypeVar("Passes", ApplePasses, GooglePasses)

TITLES: Final[dict[Wallet, str]] = {"apple": "Apple Wallet", "google": "Google Wallet"}
CONTENT_TYPE: Final = apple.CONTENT_TYPE
DAY_MS: Final = 86_400_000
STATE_LETTERS: Final = 12
"""Of the digest of what a pass shows: two states of a member have the same in one of 2 to the 48th cases."""

_LETTERS: Final = str.maketrans("0123456789abcdef", "abcdefghijklmnop")


class NoSuchWallet(LookupError):
    """No pass is offered for this wallet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How it is with one wallet. `missing`: what is not set up, or no longer holds; empty when it works."""

    wallet: Wallet
    title: str
    missing: str

    @property
    def ready(self) -> bool:
        """Whether members are offered this wallet."""
        return not self.missing


# --- a member's pass -----------------------------------------------------------------------------------
def apple_file(member: Member, *, code: bool = False) -> bytes:
    """Her pass for Apple Wallet, `CONTENT_TYPE`; `code`: with that of her card, if it leads somewhere.

    Made anew it replaces the one on her phone. Raises PassNotConfigured with what is missing.
    """
    ready = _apple()
    shown = points_pass(member, programme=ready.programme, code=code)
    return apple.signed_pass(shown, ready.settings, ready.pictures, at=_now())


def google_address(member: Member, *, code: bool = False, with_class: bool = False) -> str:
    """The address at which she saves her pass for Google Wallet. `with_class`: also makes the class.

    Google keeps a pass under its id, and a token changes none that is kept. So the id has a part that
    changes with what is shown. Raises PassNotConfigured with what is missing.
    """
    ready = _google()
    shown = points_pass(member, programme=ready.programme, code=code)
    shown = replace(shown, serial=f"{shown.serial}-{_state(shown)}")
    return google.save_address(shown, ready.settings, at_ms=clock.now_ms(), with_class=with_class)


def points_pass(member: Member, *, programme: str, code: bool = False) -> PointsPass:
    """What a wallet shows of her points now; of those that expire, the next, within the months of notice.

    Raises NotTakingPart for a member who left.
    """
    if member.status == Member.LEFT:
        taking_part.refuse_unless_active(member)
    has = wallet.purse(member)
    soon = has.expires[0] if has.expires else None
    return PointsPass(
        serial=serial_of(member), programme=programme, points=has.available, settling=has.pending,
        expiring=soon.points if soon else 0, expires_on=soon.on if soon else None,
        link=code_of(member) if code else "",
    )  # fmt: skip


def serial_of(member: Member) -> str:
    """32 letters, always the same for her; nobody learns from them what the desk calls her, and no digits are
    in them that could be taken for a number."""
    return _letters(f"points pass {member.obj}")


def code_of(member: Member) -> str:
    """The address of the code on her card; empty where none leads anywhere, or it may not be on a pass."""
    there = card.current(member)
    if there is None or not isinstance(short_link.open(there.code), short_link.Opened):
        return ""
    address = short_link.address_of(there)
    fits = address.startswith("https://") and len(address) <= ADDRESS_CHARACTERS_MAX
    return address if fits else ""


def _state(shown: PointsPass) -> str:
    told = (shown.programme, shown.points, shown.settling, shown.expiring, shown.expires_on, shown.link)
    return _letters("|".join(map(str, told)))[:STATE_LETTERS]


def _letters(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32].translate(_LETTERS)


def _now() -> datetime:
    return datetime.fromtimestamp(clock.now_ms() / 1000, UTC)


# --- which wallets -------------------------------------------------------------------------------------
def standings() -> tuple[Standing, ...]:
    """Both wallets, for staff. A folder is read when it changed, and once a day."""
    ask: dict[Wallet, Callable[[], object]] = {"apple": _apple, "google": _google}
    return tuple(
        Standing(wallet=name, title=TITLES[name], missing=_missing(asked)) for name, asked in ask.items()
    )


def offered() -> tuple[Wallet, ...]:
    """The wallets for which a member can have a pass now."""
    return tuple(one.wallet for one in standings() if one.ready)


def require_offered(name: Wallet) -> None:
    """Raises NoSuchWallet: a member is told that it is not there, and not what the bank lacks."""
    if name not in offered():
        raise NoSuchWallet(Said("There is no pass for this wallet."))


def _missing(asked: Callable[[], object]) -> str:
    try:
        asked()
    except PassNotConfigured as refused:
        said: str = refused.args[0]
        return said
    return ""


def _apple() -> ApplePasses:
    return _ready(_apple_read, settings.APPLE_PASS, "Apple Wallet", "BANKSIDE_APPLE_PASS")


def _google() -> GooglePasses:
    return _ready(_google_read, settings.GOOGLE_PASS, "Google Wallet", "BANKSIDE_GOOGLE_PASS")


def _ready(read: Callable[[str, Stamp, int], Passes | Said], folder: str, title: str, setting: str) -> Passes:
    """What is in a folder, or PassNotConfigured."""
    if not folder:
        raise PassNotConfigured(
            Said("%(wallet)s is not set up: %(setting)s names no folder.", wallet=title, setting=setting)
        )
    found = read(folder, from_folder.stamp(Path(folder)), clock.now_ms() // DAY_MS)
    if isinstance(found, Said):
        raise PassNotConfigured(found)
    return found


@lru_cache(maxsize=4)
def _apple_read(folder: str, stamp: Stamp, day: int) -> ApplePasses | Said:
    """`stamp` and `day` are there so that another content and another day are read again."""
    try:
        return from_folder.apple_passes(
            Path(folder), organisation=settings.CARD_BANK, programme=settings.CARD_PRODUCT, at=_now()
        )
    except PassNotConfigured as refused:
        said: Said = refused.args[0]
        return said


@lru_cache(maxsize=4)
def _google_read(folder: str, stamp: Stamp, day: int) -> GooglePasses | Said:
    try:
        return from_folder.google_passes(
            Path(folder), organisation=settings.CARD_BANK, programme=settings.CARD_PRODUCT
        )
    except PassNotConfigured as refused:
        said: Said = refused.args[0]
        return said
