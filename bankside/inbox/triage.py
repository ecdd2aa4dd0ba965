"""Sorts a message by rules: its language by script and small words, and by when an answer is due.

Pure: the same message always gives the same answer. The name of the model goes into the fact, so that a
later, better one can be told apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MODEL = "rules-2"
CHARACTERS_READ_MAX = 4_000


def _list(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Articles, pronouns, auxiliaries and the like: the words that a sentence of the language can hardly avoid and
# that the other language does not have. Words that are both (is, in, we, van) are in neither list.
_ENGLISH = _list("""
    the a an and or but if of to for with from at by on as this that these those it its i im ive my me
    you your he she his her they them their our us be been being are am was were has have had do does
    did dont doesnt didnt can cant could will would should may might must not no yes what when where
    which who why how there here all any some more most other into over after before about again please
    thanks thank get got just than then too very still because while
""")
_DUTCH = _list("""
    de het een en of maar dat dit die deze ik jij je jullie u uw mijn mij me hij zij ze zijn haar hun
    ons onze wij ben bent was waren heb hebt heeft hebben had hadden kan kun kunnen kon wil willen wilt
    zal zou zullen moet moeten mag niet geen nee ja wat wanneer waar welke wie waarom hoe er hier naar
    met voor aan op om uit bij door over onder tegen tot als dan nog al ook wel weer maar want omdat
    terwijl bedankt dank graag alstublieft alleen heel veel meer meest ander andere iets niets iemand
    word wordt worden werd te ter
""")
_BOTH = _ENGLISH & _DUTCH
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\w+|[@#]\w+")
_LATIN = "".join(chr(n) for n in range(0x250) if chr(n).isalpha())
_SCRIPTS = [
    re.compile(f"[{characters}]")
    for characters in ("\uac00-\ud7a3\u3131-\u318e", "\u4e00-\u9fff\u3400-\u4dbf", "\u3040-\u30ff", _LATIN)
]
_LATIN_WORD = re.compile(r"[a-zà-öø-ÿ]+(?:['’][a-z]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Triage:
    """What the model `model` makes of a message. `due_ms` is when an answer is due, 0 for never."""

    model: str
    lang: str
    classes: tuple[str, ...]
    due_ms: int


def triage(text: str, *, at: int, addressed: bool, answer_minutes: int) -> Triage:
    """Sorts a message written at `at` (ms). Only what is addressed to us has a clock."""
    due_ms = at + answer_minutes * 60_000 if addressed else 0
    return Triage(model=MODEL, lang=language_of(text), classes=(), due_ms=due_ms)


def language_of(text: str) -> str:
    """ko, zh, nl or en; empty when it cannot be told, as with numbers, emoji or a script we do not know."""
    plain = _ADDRESS.sub(" ", text[:CHARACTERS_READ_MAX]).lower()
    hangul, han, kana, latin = (len(script.findall(plain)) for script in _SCRIPTS)
    # A syllable of Hangul or a character of Han says about as much as two or three Latin letters.
    if hangul * 3 > latin and hangul >= han:
        return "ko"
    if han * 3 > latin:
        return "" if kana else "zh"
    return _latin_language(plain)


def _latin_language(plain: str) -> str:
    words = [word.replace("'", "").replace("’", "") for word in _LATIN_WORD.findall(plain)]
    english = sum(word in _ENGLISH for word in words if word not in _BOTH)
    dutch = sum(word in _DUTCH or "ij" in word for word in words if word not in _BOTH)
    if english == dutch:
        return ""
    return "en" if english > dutch else "nl"
