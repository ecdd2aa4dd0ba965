"""The three or four digits on a card that prove that one holds it (CVV, CVC, CID): never kept by anybody.

They have no check digit, so a word for them has to stand right before or behind, or the card and its expiry.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

# Of the words below every one holds one of these; the plainest question, because every text is asked.
_PARTS: Final = (
    "cvv", "cvc", "cvn", "cav", "csc", "cid", "c.v", "security", "verif", "valid", "code on", "digits on",
    "veilig", "controle", "cijfers", "보안", "검증", "자리", "씨브", "安全", "校验", "验证", "三位", "3位",
)  # fmt: skip
_WORDS: Final = (
    r"(?<![a-z])(?:cvv2?|cvc2?|cvn2?|cav2?|csc|c\.v\.v\.?|c\.v\.c\.?|cid)(?![a-z])",
    r"(?:card )?(?:security|verification|validation)[ -](?:code|value|number|digits)",
    r"(?:safety|secret) code on the (?:back|card)",
    r"(?:beveiligings|veiligheids|verificatie|controle)(?:code|nummer|cijfers?)",
    r"(?:last )?(?:3|three|4|four) digits on (?:the )?(?:back|front)(?: of (?:my|the) card)?",
    r"(?:laatste )?(?:3|drie|4|vier) cijfers (?:op|aan) de (?:achterkant|achterzijde|voorkant)",
    r"씨브이[씨브]|보안\s?코드|보안\s?번호|검증\s?번호",
    r"(?:카드\s?)?(?:뒷면|뒤)\s?(?:끝\s?)?(?:세|3)\s?자리(?:\s?(?:숫자|번호))?",
    r"安全码|校验码|验证值|卡片?验证码|背面的?后?(?:三位|3位)(?:数字?)?|后三位(?:数字?)?",
)
_WORD: Final = f"(?:{'|'.join(_WORDS)})"
_JOIN: Final = (
    r"(?:[\s:=#\-\u00b7,(\[\"'~>]|is|was|code|number|no\.?|nr\.?|nummer|het|de|mijn|my|the|of|van|on|op|card|kaart"
    r"|pas|it's|2|는|은|이|가|번호|코드|숫자|제|카드|码|号|是|为|：|数字|我的|的){0,12}?"
)
_VALUE: Final = (
    r"(?<![0-9])(?<![0-9][.,\-/:])([0-9]{3,4}|[0-9](?:[ .\-][0-9]){2,3})(?![0-9])(?![.,:/\-][0-9])"
)
_UNIT: Final = (
    r"(?!\s?(?:euro|eur|usd|dollars?|won|krw|원|元|块|분|명|번째|%|percent|procent|days?|dagen|uur|hours?"
    r"|digits|cijfers|자리|位|x\b))"
)
_BEFORE: Final = re.compile(rf"{_WORD}{_JOIN}{_VALUE}{_UNIT}", re.IGNORECASE)
_BEHIND: Final = re.compile(
    rf"{_VALUE}{_UNIT}\s?[(\[\"]?\s?(?:is (?:my|the|mijn|de|het)|is|as|als|이|가|是我的|是)?\s?{_WORD}",
    re.IGNORECASE,
)
_EXPIRY: Final = (
    r"(?:exp\w*|valid\w*|geldig\w*|verval\w*|유효\s?기간|有效期|thru|tot|date|:|\.|\s){0,6}"
    r"(?:0[1-9]|1[0-2])\s?[/.\-]\s?(?:20)?[2-4][0-9]"
)
_AFTER_CARD: Final = re.compile(
    rf"[\s,;|/]{{1,4}}{_EXPIRY}[\s,;|/.\-]{{1,4}}(?:code|코드|码)?[\s:]{{0,2}}([0-9]{{3,4}})(?![0-9]){_UNIT}",
    re.IGNORECASE,
)


def codes_in(plain: str, lower: str, cards: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Places of all codes; `cards` are the places of the card numbers, `lower` the text in lower case."""
    if any(map(lower.__contains__, _PARTS)):
        for pattern in (_BEFORE, _BEHIND):
            for found in pattern.finditer(plain):
                yield found.span(1)
    for _, stop in cards:
        if behind := _AFTER_CARD.match(plain, stop):
            yield behind.span(1)
