"""What a study asks of public posts, and what the cells of an institution say: of all networks, and of each.

Pure. A cell is empty where nothing could be read, so that the institution is outside that base. Of answers
there is a figure only where answers can be seen and somebody wrote under a post.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from bankside.channels.places import KnownPlace
from bankside.measures.observation.posts import OTHER, RULES, UNKNOWN, Activity, together

NONE_CHOSEN: Final = "-"
LANGUAGES: Final = ("en", "ko", "nl", "zh", "ja", "de", "fr", "es", UNKNOWN)
Texts = Mapping[str, str]


def questions(places: Sequence[KnownPlace], read: Iterable[str]) -> list[dict[str, Any]]:
    """The questions. `read`: the networks of which any institution's posts could be read."""
    wanted = set(read)
    on = [place for place in places if place.network in wanted]
    named = [{"id": place.network, "text": place.title} for place in places]
    return [
        {"id": "read_on", "kind": "multi", "options": named, "text": READ_ON},
        _number("posts_per_week", PER_WEEK),
        _number("answers_looked_at", LOOKED_AT),
        _number("answer_rate", ANSWER_RATE, max=100),
        _number("answer_minutes", ANSWER_TIME),
        {"id": "purposes", "kind": "multi", "options": _options(PURPOSE_NAMES), "text": PURPOSES},
        *(_number(f"share_{id}", _share(name), max=100) for id, name in PURPOSE_NAMES.items()),
        {"id": "languages", "kind": "multi", "options": _options(LANGUAGE_NAMES), "text": TONGUES},
        *(question for place in on for question in _of_network(place)),
    ]  # fmt: skip


def cells(posts: Mapping[str, Activity]) -> dict[str, str]:
    """The cells of an institution, by the networks on which its posts were read; none: `-`, and no figure."""
    found = {"read_on": _chosen(posts)}
    if not posts:
        return found
    every = together(list(posts.values()))
    said = sum(every.purposes.values())
    spoken = {lang if lang in LANGUAGES else UNKNOWN for lang in every.languages}
    found |= {
        "posts_per_week": _number_cell(every.posts_per_week),
        "answers_looked_at": str(every.asked),
        "answer_rate": _percent(every.answer_rate), "answer_minutes": _number_cell(every.minutes_median),
    }  # fmt: skip
    if said:
        shares = {id: every.purposes.get(id, 0) / said for id in PURPOSE_NAMES}
        found |= {f"share_{id}": _percent(share) for id, share in shares.items()}
        found |= {"purposes": _chosen(every.purposes), "languages": _chosen(spoken)}
    for network, one in posts.items():
        found |= {
            f"week_{network}": _number_cell(one.posts_per_week), f"rate_{network}": _percent(one.answer_rate),
            f"minutes_{network}": _number_cell(one.minutes_median),
        }  # fmt: skip
    return found


def _of_network(place: KnownPlace) -> tuple[dict[str, Any], ...]:
    return (
        _number(f"week_{place.network}", _on(PER_WEEK, place.title)),
        _number(f"rate_{place.network}", _on(ANSWER_RATE, place.title), max=100),
        _number(f"minutes_{place.network}", _on(ANSWER_TIME, place.title)),
    )


def _number(id: str, text: Texts, **bounds: int) -> dict[str, Any]:
    return {"id": id, "kind": "number", "min": 0, **bounds, "text": dict(text)}


def _options(names: Mapping[str, Texts]) -> list[dict[str, Any]]:
    return [{"id": id, "text": dict(name)} for id, name in names.items()]


def _on(text: Texts, title: str) -> Texts:
    return {language: f"{title}: {words}" for language, words in text.items()}


def _share(name: Texts) -> Texts:
    return {language: SHARE[language].replace("{purpose}", words) for language, words in name.items()}


def _chosen(names: Iterable[str]) -> str:
    return "|".join(sorted(names)) or NONE_CHOSEN


def _percent(share: float | None) -> str:
    return "" if share is None else _number_cell(100 * share)


def _number_cell(value: float | None) -> str:
    """Two decimals; a figure is not more exact than that."""
    if value is None:
        return ""
    text = f"{value:.2f}"
    return text.rstrip("0").rstrip(".")


# --- words, in four languages ----------------------------------------------------------------------------
READ_ON: Final[Texts] = {
    "en": "Networks on which its public posts could be read",
    "ko": "공개 게시물을 읽을 수 있었던 네트워크",
    "zh-Hans": "能够读取其公开帖子的网络",
    "nl": "Netwerken waarop de openbare berichten te lezen waren",
}
PER_WEEK: Final[Texts] = {
    "en": "Posts a week", "ko": "주당 게시물 수", "zh-Hans": "每周帖子数", "nl": "Berichten per week",
}  # fmt: skip
LOOKED_AT: Final[Texts] = {
    "en": "Comments of others that were looked at", "ko": "확인한 다른 사람의 댓글 수",
    "zh-Hans": "查看的他人评论数", "nl": "Reacties van anderen die zijn bekeken",
}  # fmt: skip
ANSWER_RATE: Final[Texts] = {
    "en": "Comments answered, percent", "ko": "댓글 답변율(%)", "zh-Hans": "评论回复率（%）",
    "nl": "Beantwoorde reacties, procent",
}  # fmt: skip
ANSWER_TIME: Final[Texts] = {
    "en": "Minutes until the first answer, median", "ko": "첫 답변까지 걸린 시간(분, 중앙값)",
    "zh-Hans": "首次回复所需分钟数（中位数）", "nl": "Minuten tot het eerste antwoord, mediaan",
}  # fmt: skip
PURPOSES: Final[Texts] = {
    "en": "What its posts are for", "ko": "게시물의 목적", "zh-Hans": "帖子的用途",
    "nl": "Waarvoor de berichten dienen",
}  # fmt: skip
SHARE: Final[Texts] = {
    "en": "Posts for {purpose}, percent", "ko": "게시물 중 {purpose} 비율(%)",
    "zh-Hans": "{purpose}类帖子占比（%）", "nl": "Berichten voor {purpose}, procent",
}  # fmt: skip
TONGUES: Final[Texts] = {
    "en": "Languages of its posts", "ko": "게시물의 언어", "zh-Hans": "帖子的语言",
    "nl": "Talen van de berichten",
}  # fmt: skip
PURPOSE_NAMES: Final[Mapping[str, Texts]] = {
    "contact": {"en": "customer contact", "ko": "고객 응대", "zh-Hans": "客户联系", "nl": "klantcontact"},
    "information": {"en": "information", "ko": "정보 제공", "zh-Hans": "信息发布", "nl": "informatie"},
    "public-relations": {
        "en": "public relations", "ko": "홍보", "zh-Hans": "公共关系", "nl": "public relations",
    },
    "brand": {"en": "the brand", "ko": "브랜드", "zh-Hans": "品牌", "nl": "het merk"},
    "other": {"en": "anything else", "ko": "기타", "zh-Hans": "其他", "nl": "iets anders"},
}  # fmt: skip
LANGUAGE_NAMES: Final[Mapping[str, Texts]] = {
    "en": {"en": "English", "ko": "영어", "zh-Hans": "英语", "nl": "Engels"},
    "ko": {"en": "Korean", "ko": "한국어", "zh-Hans": "韩语", "nl": "Koreaans"},
    "nl": {"en": "Dutch", "ko": "네덜란드어", "zh-Hans": "荷兰语", "nl": "Nederlands"},
    "zh": {"en": "Chinese", "ko": "중국어", "zh-Hans": "中文", "nl": "Chinees"},
    "ja": {"en": "Japanese", "ko": "일본어", "zh-Hans": "日语", "nl": "Japans"},
    "de": {"en": "German", "ko": "독일어", "zh-Hans": "德语", "nl": "Duits"},
    "fr": {"en": "French", "ko": "프랑스어", "zh-Hans": "法语", "nl": "Frans"},
    "es": {"en": "Spanish", "ko": "스페인어", "zh-Hans": "西班牙语", "nl": "Spaans"},
    UNKNOWN: {
        "en": "another, or not told", "ko": "기타 또는 알 수 없음", "zh-Hans": "其他或未知",
        "nl": "een andere, of onbekend",
    },
}  # fmt: skip
if set(PURPOSE_NAMES) != {*RULES, OTHER} or set(LANGUAGE_NAMES) != set(LANGUAGES):
    raise AssertionError("every purpose and every language needs its words")
