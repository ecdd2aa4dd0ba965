"""Whether a rewarded post says at its start, in its own language, that it is advertising.

A word of the rule counts that stands whole within its first characters: `#ad` and `[광고]` do, `#AdmireHanul`
and a word at the end do not (card sheet, section 2: FTC, KFTC). Characters are counted as readers see them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

from bankside.late import compiled
from bankside.rewards.rules.terms import Earn

CHARACTERS_READ_MAX: Final = 4_000
START_CHARACTERS_MAX: Final = 400
LANGUAGES: Final = ("en", "ko", "zh", "nl")

_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\w+|[@#＠＃][\w.-]+")
_HANGUL = re.compile(r"[\uac00-\ud7a3\u3131-\u318e]")
_HAN = re.compile(r"[\u4e00-\u9fff\u3400-\u4dbf]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_LATIN = re.compile(r"[a-zà-öø-ɏ]")
_WORD = re.compile(r"[a-zà-öø-ÿ]+")
_CLUSTER = compiled(r"\X")
_SIGN_OF_A_WORD = re.compile(r"[^\W_]")


# Words that a Dutch sentence can hardly avoid and an English one has not, and the other way round.
def _list(words: str) -> frozenset[str]:
    return frozenset(words.split())


_DUTCH: Final = _list("""
    de het een en van ik je jij u wij ze zijn niet dat dit met voor ook maar naar om bij uit mijn onze wat er
    nog wel heb heeft kan werd worden geen mij deze als dan
""")
_ENGLISH: Final = _list("""
    the a an and to i you it my our this that with for on not but from your they be at have has will so if
    what there their its do does
""")


class Found(NamedTuple):
    """The word that was found, the character at which it begins, and the language it was looked for in."""

    word: str
    at: int
    lang: str


def found(rule: Earn, text: str, lang: str) -> Found | None:
    """The disclosure of a rule in a text, or None. `lang` is what the network says of the post, or ""."""
    spoken = language(text, lang)
    word = rule.word_for(spoken)
    at = _begins(word, text, rule.within) if word else -1
    return Found(word, at, spoken) if at >= 0 else None


@lru_cache(maxsize=2048)
def language(text: str, lang: str) -> str:
    """The language of a post: by its script; for Latin letters by small words, or by what the network says.

    One of en, ko, zh, nl; "" when it cannot be told, and then no disclosure can be in its language.
    """
    plain = _ADDRESS.sub(" ", text[:CHARACTERS_READ_MAX]).lower()
    hangul, han, latin = (len(script.findall(plain)) for script in (_HANGUL, _HAN, _LATIN))
    if hangul * 3 > latin and hangul >= han:  # a syllable says about as much as two or three Latin letters
        return "ko"
    if han * 3 > latin:
        return "" if _KANA.search(plain) else "zh"
    return _latin(plain, lang.replace("_", "-").partition("-")[0].lower())


def _latin(plain: str, claimed: str) -> str:
    words = _WORD.findall(plain)
    dutch, english = sum(word in _DUTCH for word in words), sum(word in _ENGLISH for word in words)
    if dutch != english:
        return "nl" if dutch > english else "en"
    return claimed if claimed in LANGUAGES else "en"


def _begins(word: str, text: str, within: int) -> int:
    """The character at which the word begins, if it ends within the first so many; -1 when it does not."""
    clusters = _CLUSTER.findall(text[: START_CHARACTERS_MAX * 4])[: min(within, START_CHARACTERS_MAX)]
    start = _folded("".join(clusters))
    wanted = _folded(word)
    for found in re.finditer(re.escape(wanted), start):
        if _stands_alone(_folded(text[: START_CHARACTERS_MAX * 4]), found.start(), found.end()):
            return len(_CLUSTER.findall(start[: found.start()]))
    return -1


def _stands_alone(text: str, start: int, end: int) -> bool:
    """No letter or digit beside it: in Hangul and Han none of the same script, so that 광고주 is not 광고."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return not _goes_on(before, text[start]) and not _goes_on(after, text[end - 1])


def _goes_on(beside: str, edge: str) -> bool:
    if not beside or not _SIGN_OF_A_WORD.match(beside):
        return beside == "_"
    scripts = [script for script in (_HANGUL, _HAN, _LATIN) if script.match(edge)]
    return not scripts or bool(scripts[0].match(beside)) or beside.isdigit()


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
