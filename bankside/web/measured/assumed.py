"""The assumptions about minutes saved, as sentences."""

from __future__ import annotations

from django.utils.translation import get_language, ngettext, to_locale

from bankside.measures import rules
from bankside.measures.definitions import MEASURES
from bankside.web.moments import number
from bankside.web.spoken import spoken


def lines() -> list[tuple[str, str]]:
    """What is spared, and how that is reckoned."""
    return [(_words(one), _reckoned(one)) for one in rules.savings()]


def _words(one: rules.Saving) -> str:
    language = to_locale(get_language() or "en")
    return one.words.get(language) or one.words.get("en") or next(iter(one.words.values()), "")


def _reckoned(one: rules.Saving) -> str:
    said = ngettext(
        "%(percent)s%% of “%(counts)s”, %(n)s minute each",
        "%(percent)s%% of “%(counts)s”, %(n)s minutes each",
        one.minutes,
    )
    counts = MEASURES.get(one.counts)
    return said % {
        "percent": number(one.percent), "n": number(one.minutes),
        "counts": spoken(counts.title) if counts else one.counts,
    }  # fmt: skip
