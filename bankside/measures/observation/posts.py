"""What an institution does on a network, from public posts: how often, how fast, what for. Pure.

Rows are plain: who brought them, a channel, a connector or a feed, does not matter. Purposes are told by
words in four languages, the first group that has one; what has none is `other`. It is a rule and no opinion:
it is printed with the figures, and whoever wants another gives another. What others write under a post is
taken for a question to the institution, whether it asks something or not: that too is a rule.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from types import MappingProxyType
from typing import Final

ROWS_MAX: Final = 1_000_000
WEEK_MS: Final = 7 * 24 * 3_600_000
DAY_MS: Final = 24 * 3_600_000
MINUTE_MS: Final = 60_000
CHARACTERS_MAX: Final = 2_000
OTHER: Final = "other"
UNKNOWN: Final = "und"

RULES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "contact": r"sorry|apolog|contact us|dm us|customer (?:care|service)|call us|help(?:desk| you)"
        r"|죄송|문의|고객센터|상담|客服|抱歉|咨询|联系我们|klantenservice|excuses|neem contact|helpen",
        "information": r"annual report|results|quarter|security notice|phishing|outage|maintenance|rates?\b"
        r"|fraud|공시|실적|점검|보안|금리|보이스피싱|公告|业绩|维护|利率|诈骗|jaarverslag|cijfers|storing|onderhoud|rente",
        "public-relations": r"sponsor|donat|award|volunteer|sustainab|opening|partnership|communit"
        r"|후원|기부|수상|봉사|사회공헌|협약|赞助|捐赠|公益|获奖|合作|sponsor|schenk|prijs|duurzaam|samenwerk",
        "brand": r"win\b|giveaway|campaign|new card|savings account|offer|discount|event"
        r"|이벤트|경품|혜택|출시|신상품|抽奖|活动|优惠|新品|actie|winnen|korting|nieuwe rekening",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One post. `at_ms` UTC; `own`: the institution wrote it; `answers`: the id of what it answers."""

    id: str
    at_ms: int
    own: bool
    answers: str = ""
    lang: str = ""
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Figures of one account. Rates are None where there is nothing to take them of.

    `weeks`: those that were looked at, else from its first to its last own post, at least one. `asked`: posts
    of others that answer nothing of others (they speak to it); `answered` of those. `minutes`: the median
    until the first answer, and the nine-tenths quantile (nearest rank); `waits_ms` are behind both, sorted.
    `purposes`, `languages`: own posts that are no answers.
    """

    own: int
    replies: int
    weeks: float
    posts_per_week: float | None
    asked: int
    answered: int
    answer_rate: float | None
    minutes_median: float | None
    minutes_nine_tenths: float | None
    purposes: Mapping[str, int]
    languages: Mapping[str, int]
    waits_ms: tuple[int, ...] = field(default=(), repr=False)


def activity(
    rows: Iterable[Post],
    *,
    since_ms: int | None = None,
    until_ms: int | None = None,
    ripe_ms: int = 0,
    rules: Mapping[str, str] = RULES,
) -> Activity:
    """The figures over all rows, the same post once. `until_ms`: what came later does not count yet.

    `since_ms`: from when on every own post is there; then the weeks are those from there to `until_ms`.
    `ripe_ms`: what was asked less than that before `until_ms` is no question yet, and its answer none.
    Raises ValueError for more than 1,000,000 rows.
    """
    posts = _once(rows, until_ms)
    own = [post for post in posts if post.own]
    said = [post for post in own if not post.answers and post.at_ms >= (since_ms or 0)]
    asked = [one for one in _asked(posts) if until_ms is None or one.at_ms <= until_ms - ripe_ms]
    weeks = _weeks(own, since_ms, until_ms)
    purpose = _compiled(rules)
    return _figures(
        own=len(own), replies=sum(bool(post.answers) for post in own), weeks=weeks,
        posts_per_week=len(said) / weeks if weeks else None,
        asked=len(asked), waits=_waits(asked, own),
        purposes=Counter(_purpose(post.text, purpose) for post in said),
        languages=Counter(language_of(post.text, post.lang) for post in said),
    )  # fmt: skip


def together(every: Sequence[Activity]) -> Activity:
    """Several accounts as one: counts and posts a week are added, and waits are put into one row."""
    rates = [one.posts_per_week for one in every if one.posts_per_week is not None]
    purposes, languages = Counter[str](), Counter[str]()
    for one in every:
        purposes.update(one.purposes)
        languages.update(one.languages)
    return _figures(
        own=sum(one.own for one in every), replies=sum(one.replies for one in every),
        weeks=max((one.weeks for one in every), default=0.0), posts_per_week=sum(rates) if rates else None,
        asked=sum(one.asked for one in every), waits=[wait for one in every for wait in one.waits_ms],
        purposes=purposes, languages=languages,
    )  # fmt: skip


def language_of(text: str, said: str = "") -> str:
    """The language that the network names, by its first part (ISO 639), else what its letters tell.

    Hangul is Korean, kana Japanese, Han without kana Chinese; of other letters nothing is told (`und`).
    """
    if said:
        return re.split(r"[-_]", said.lower())[0]
    found = {name: len(letters.findall(text[:CHARACTERS_MAX])) for name, letters in LETTERS}
    if found["ja"]:
        return "ja"
    return max(found, key=lambda name: found[name]) if any(found.values()) else UNKNOWN


def purpose_of(text: str, rules: Mapping[str, str] = RULES) -> str:
    """What one post is for, by the first rule with a word in it."""
    return _purpose(text, _compiled(rules))


def _figures(
    *, own: int, replies: int, weeks: float, posts_per_week: float | None, asked: int, waits: list[int],
    purposes: Mapping[str, int], languages: Mapping[str, int],
) -> Activity:  # fmt: skip
    waits = sorted(waits)
    return Activity(
        own=own, replies=replies, weeks=weeks, posts_per_week=posts_per_week,
        asked=asked, answered=len(waits), answer_rate=len(waits) / asked if asked else None,
        minutes_median=median(waits) / MINUTE_MS if waits else None,
        minutes_nine_tenths=_nine_tenths(waits) / MINUTE_MS if waits else None,
        purposes=_ordered(purposes), languages=_ordered(languages), waits_ms=tuple(waits),
    )  # fmt: skip


def _weeks(own: Sequence[Post], since_ms: int | None, until_ms: int | None) -> float:
    if since_ms is not None and until_ms is not None:
        return max(until_ms - since_ms, DAY_MS) / WEEK_MS
    return max((own[-1].at_ms - own[0].at_ms) / WEEK_MS, 1.0) if own else 0.0


def _once(rows: Iterable[Post], until_ms: int | None) -> list[Post]:
    found: dict[str, Post] = {}
    for number, post in enumerate(rows):
        if number >= ROWS_MAX:
            raise ValueError(f"more than {ROWS_MAX} posts")
        if until_ms is None or post.at_ms <= until_ms:
            found.setdefault(post.id, post)
    return sorted(found.values(), key=lambda post: (post.at_ms, post.id))


def _asked(posts: Sequence[Post]) -> list[Post]:
    """What others say to the institution: posts of their own, or under one of its posts."""
    own = {post.id for post in posts if post.own}
    return [post for post in posts if not post.own and (not post.answers or post.answers in own)]


def _waits(asked: Sequence[Post], own: Sequence[Post]) -> list[int]:
    """Milliseconds until the first answer of each that has one. An answer before the question is none."""
    first: dict[str, int] = {}
    moments = {post.id: post.at_ms for post in asked}
    for post in own:
        if post.answers in moments and post.at_ms >= moments[post.answers]:
            first.setdefault(post.answers, post.at_ms - moments[post.answers])
    return list(first.values())


def _nine_tenths(waits: Sequence[int]) -> int:
    """The nearest rank: so many are at or under it that nine in ten are."""
    return waits[-(-len(waits) * 9 // 10) - 1]


def _purpose(text: str, rules: Sequence[tuple[str, re.Pattern[str]]]) -> str:
    return next((name for name, pattern in rules if pattern.search(text[:CHARACTERS_MAX])), OTHER)


def _compiled(rules: Mapping[str, str]) -> list[tuple[str, re.Pattern[str]]]:
    return [(name, re.compile(pattern, re.IGNORECASE)) for name, pattern in rules.items()]


def _ordered(counts: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType(dict(sorted(counts.items())))


LETTERS: Final = (
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("ja", re.compile("[\u3041-\u30ff]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
)
