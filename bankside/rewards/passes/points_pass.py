"""What a wallet shows of a member's points, and the words around it in four languages. Nothing personal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from bankside.rewards.payments import card_number
from bankside.rewards.payments.finding import CardNumber
from bankside.said import Said

LANGUAGES: Final = ("en", "ko", "zh-Hans", "nl")
"""As BCP 47 writes them; the first is that of whoever reads none of them."""

POINTS_MAX: Final = 10**12
TEXT_CHARACTERS_MAX: Final = 64
ADDRESS_CHARACTERS_MAX: Final = 120

WORDS: Final[dict[str, dict[str, str]]] = {
    "points": {"en": "Points", "ko": "포인트", "zh-Hans": "积分", "nl": "Punten"},
    "settling": {"en": "Settling", "ko": "적립 예정", "zh-Hans": "待入账", "nl": "In behandeling"},
    "expiring": {"en": "Expiring", "ko": "소멸 예정", "zh-Hans": "即将到期", "nl": "Vervalt"},
    "expires_on": {"en": "On", "ko": "소멸일", "zh-Hans": "到期日", "nl": "Op"},
    "changed": {
        "en": "You now have %@ points.",
        "ko": "현재 %@포인트입니다.",
        "zh-Hans": "您现在有 %@ 积分。",
        "nl": "Je hebt nu %@ punten.",
    },
    "about": {"en": "About this pass", "ko": "이 패스 안내", "zh-Hans": "关于此卡券", "nl": "Over deze pas"},
    "about_text": {
        "en": "This pass shows points. It is no payment card and holds neither name nor account number.",
        "ko": "이 패스는 포인트를 보여 줍니다. 결제 카드가 아니며 이름이나 계좌번호가 들어 있지 않습니다.",
        "zh-Hans": "此卡券仅显示积分，不是支付卡，不含您的姓名或账号。",
        "nl": "Deze pas toont punten. Het is geen betaalpas. Je naam en een rekeningnummer staan er niet op.",
    },
    "description": {"en": "Points pass", "ko": "포인트 패스", "zh-Hans": "积分卡券", "nl": "Puntenpas"},
}

_SERIAL: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
_ADDRESS: Final = re.compile(rf"https://[!-~]{{1,{ADDRESS_CHARACTERS_MAX}}}")


class PassNotConfigured(RuntimeError):
    """The bank has not set up this wallet, or what it set up no longer holds; the message says what to do."""


class NotOnAPass(ValueError):
    """Something that may not be on a pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsPass:
    """One member's pass. Making one raises NotOnAPass, or CardNumber.

    `serial`: an opaque id, 8 to 64 letters and digits, never that of a customer. `settling`: points that are
    not yet to be spent. `expiring` points are lost after `expires_on`. `link`: address of the QR code, ""
    for none.
    """

    serial: str
    programme: str
    points: int
    settling: int = 0
    expiring: int = 0
    expires_on: date | None = None
    link: str = ""

    def __post_init__(self) -> None:
        for text in (self.serial, self.programme, self.link):
            if card_number.in_token(text) or card_number.without(text) != text:
                raise CardNumber(Said("No card number may be on a pass."), column="pass")
        if not _SERIAL.fullmatch(self.serial):
            raise NotOnAPass(
                Said("The serial number of a pass is an opaque id of 8 to 64 letters and digits.")
            )
        if not 0 < len(self.programme) <= TEXT_CHARACTERS_MAX or not self.programme.isprintable():
            raise NotOnAPass(Said("A programme needs a name of 1 to 64 characters on a pass."))
        if self.link and not _ADDRESS.fullmatch(self.link):
            raise NotOnAPass(Said("The address on a pass begins with https:// and is short."))
        if not all(0 <= number <= POINTS_MAX for number in (self.points, self.settling, self.expiring)):
            raise NotOnAPass(Said("Points on a pass are zero or more."))
        if self.expiring and self.expires_on is None:
            raise NotOnAPass(Said("Points that expire need their day."))
