# ruff: noqa: E501 - pages are easier to compare when their parts stay on one line
"""Invented pages of invented institutions, with what they show written down beside: the ground truth.

What is planted comes from accounts_on_pages.toml, written by hand, and never from the tables
that the recogniser reads. `HELD_OUT` are layouts that were written before anybody saw what became of them.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

PLANTED: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "accounts_on_pages.toml").read_text(encoding="utf-8")
)
NAMES = {
    "ko": ("한울은행", "모룬증권", "세라보험", "다온저축은행"),
    "zh": ("翰谷银行", "沐仑证券", "赛拉保险", "朵安银行"),
    "nl": ("Hanul Bank", "Morun Spaarbank", "Serra Verzekeringen", "Daon Beleggen"),
    "en": ("Hanul Bank", "Morun Securities", "Serra Insurance", "Daon Savings"),
}
STEMS = (
    "hanul",
    "morun",
    "serrafin",
    "daonsave",
    "kelmira",
    "boraline",
    "taegun",
    "winnovar",
    "ostreda",
    "juvent",
)
STRANGERS = (
    "minji_writes", "piet.klaver", "chenxiaoyu", "quietriver", "dagbladnoord", "weekendtimes", "cafelumen", "studiobrik",
    "pixelmoes", "jisoo_lee", "vrijeschrijver", "olivegrove",
)  # fmt: skip
SEPARATORS = {
    "instagram": "_.",
    "linkedin": "-",
    "telegram": "_",
    "threads_net": "_.",
    "naver_blog": "_",
    "weibo": "_",
}
TRACKING = ("utm_source=site&utm_medium=footer", "fbclid=IwAR0x", "spm=a1.b2", "ref=home")
SHARED_WORDS = (
    "share",
    "sns-share",
    "share-buttons",
    "addtoany_share_save",
    "article-share",
    "sociale-deelknoppen",
)
WORDS = {
    "ko": "오늘의 금리와 새로운 예금 상품을 안내해 드립니다. 고객센터는 평일 아홉 시부터 여섯 시까지 열려 있습니다.",
    "zh": "今日利率与新的存款产品介绍。客户服务热线工作日九点至十八点开放。网点地址请见下方。",
    "nl": "De rente van vandaag en onze nieuwe spaarrekening. De klantenservice is op werkdagen open van negen tot zes.",
    "en": "Today's rates and our new savings account. Customer care is open on weekdays from nine to six.",
}


@dataclass(kw_only=True)
class Made:
    """A page, whose it is, and what a careful person would find on it. (network, name) each."""

    layout: str
    language: str
    name: str
    host: str
    address: str
    body: bytes = b""
    content_type: str = "text/html"
    own: set[tuple[str, str]] = field(default_factory=set)
    others: set[tuple[str, str]] = field(default_factory=set)
    alike: set[tuple[str, str]] = field(default_factory=set)


class Maker:
    """Fills one layout by chance."""

    def __init__(self, seed: int, layout: str, language: str, *, held: bool) -> None:
        self.chance = random.Random(f"{seed} {layout} {language} {held}")
        self.held = held
        self.stem = self.chance.choice(STEMS)
        self.host = f"www.{self.stem}.example"
        self.page = Made(
            layout=layout, language=language, name=f"{self.stem.title()}", host=self.host,
            address=f"https://{self.host}/{self.chance.choice(('', 'contact', 'about/us.html', 'news/12'))}",
        )  # fmt: skip
        self.words = WORDS[language]

    # --- accounts ------------------------------------------------------------------------------------
    def own(self, network: str) -> str:
        """The address of an account of the institution's own, in one of the ways; it goes into the truth."""
        kinds = PLANTED[network]
        ways = kinds["held"] if self.held and self.chance.random() < 0.7 else kinds["ways"]
        return self._planted(network, self.chance.choice(ways or kinds["ways"]), self.page.own)

    def other(self, network: str, stranger: str = "") -> str:
        """The address of somebody else's account."""
        way = next(w for w in PLANTED[network]["ways"] if "{h}" in w[1])
        return self._planted(network, way, self.page.others, handle=stranger or self.stranger())

    def imitation(self, network: str, real: str) -> str:
        """The address of an account that looks like a real one."""
        changed = (
            real.replace("l", "1", 1)
            if "l" in real
            else real.replace("o", "0", 1)
            if "o" in real
            else real + real[-1]
        )
        way = next(w for w in PLANTED[network]["ways"] if w[1] in {"{h}", "@{h}"})
        return self._planted(network, way, self.page.alike, handle=changed)

    def _planted(self, network: str, way: list[str], into: set[tuple[str, str]], handle: str = "") -> str:
        fill = self.fill(network, handle)
        into.add((network, self.filled(way[1], fill)))
        return self.filled(way[0], fill)

    def fill(self, network: str, handle: str = "") -> dict[str, str]:
        chance = self.chance
        between = SEPARATORS.get(network, " ")
        tail = chance.choice(("", "bank", "kr", "official", "nl", "cn", ""))
        made = self.stem + (chance.choice(between).strip() + tail if tail else "")
        h = handle or made[:15]
        if network in {
            "linkedin",
            "weibo",
            "naver_blog",
            "telegram",
            "x_com",
            "wordpress",
            "wechat",
            "kakaotalk",
        }:
            h = re.sub(
                r"[._]",
                "-" if network in {"linkedin", "wordpress"} else "_" if network != "kakaotalk" else "",
                h,
            )
        if network == "facebook":
            h = re.sub("_", ".", h)
        letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz0123456789"
        return {
            "h": h if len(h) > 5 else f"{h}bank", "H": (h if len(h) > 5 else f"{h}bank").title().replace("'", ""),
            "n": str(chance.randint(10**9, 10**10 - 1)), "n4": str(chance.randint(1000, 9999)),
            "u": "".join(chance.choice(letters) for _ in range(22)), "k": "".join(chance.choice(letters) for _ in range(6)),
            "x": f"{chance.getrandbits(96):024x}", "y": f"{chance.getrandbits(96):024x}",
            "o": self.stranger().replace(".", ""), "d": f"{self.stem}.example",
        }  # fmt: skip

    @staticmethod
    def filled(pattern: str, fill: dict[str, str]) -> str:
        return re.sub(r"\{(\w+)\}", lambda m: fill.get(m[1], m[0]), pattern)

    def stranger(self) -> str:
        return self.chance.choice(STRANGERS)

    # --- what stands around --------------------------------------------------------------------------
    def some(self, *, least: int = 3, most: int = 9, of: tuple[str, ...] = ()) -> list[str]:
        """Networks that can be linked to."""
        able = [n for n in of or tuple(PLANTED) if PLANTED[n]["ways"]]
        return self.chance.sample(able, min(len(able), self.chance.randint(least, most)))

    def tracked(self, address: str) -> str:
        if self.chance.random() < 0.3 and "#" not in address and "://" in address:
            return address + ("&" if "?" in address else "?") + self.chance.choice(TRACKING)
        return address

    def shares(self) -> str:
        every = [one for kinds in PLANTED.values() for one in kinds["share"]]
        links = [
            f'<a href="{escape(self.filled(one, self.fill("x_com")))}" target="_blank" rel="nofollow noopener">{n}</a>'
            for n, one in enumerate(self.chance.sample(every, 6))
        ]
        return f'<div class="{self.chance.choice(SHARED_WORDS)}">{"".join(links)}</div>'

    def noise(self, count: int = 4) -> str:
        every = [one for kinds in PLANTED.values() for one in kinds["other"]]
        some = self.chance.sample(every, count)
        return "".join(
            f'<a href="{escape(self.filled(one, self.fill("x_com")))}">{self.words[:9]}</a> ' for one in some
        )

    def embedded(self, network: str) -> str:
        """A post of somebody else in the page. Who wrote it may be named; it is not the institution's."""
        fill = self.fill(network)
        for name, kinds in PLANTED.items():
            if name == network and "embed" in kinds:
                self.page.others.add((network, fill["o"]))
                return self.filled(kinds["embed"], fill)
        return ""

    def anchor(self, address: str, text: str = "") -> str:
        label = text or self.chance.choice(
            ("", '<i class="icon"></i>', '<img src="/i/sns.png" alt="">', self.words[:6])
        )
        rel = self.chance.choice(("", ' rel="noopener"', ' target="_blank" rel="noopener noreferrer"'))
        return f'<a class="s" href="{escape(self.tracked(address))}"{rel}>{label}</a>'

    def text(self, count: int = 2) -> str:
        return "".join(f"<p>{self.words}</p>" for _ in range(count))

    def head(self, inside: str = "", charset: str = "utf-8") -> str:
        return (
            f'<!doctype html><html lang="{self.page.language}"><head><meta charset="{charset}">'
            f"<title>{self.page.name}</title>{inside}</head>"
        )

    def done(self, text: str, encoding: str = "utf-8", header: str = "text/html; charset=utf-8") -> Made:
        self.page.body, self.page.content_type = text.encode(encoding, "xmlcharrefreplace"), header
        self.page.others -= self.page.own
        return self.page


Layout = Callable[[Maker], Made]


def pages(count: int = 420, seed: int = 6) -> list[Made]:
    """Pages of all layouts in turn, in four languages."""
    from tests.networks.corpus_layouts import LAYOUTS

    return _made(LAYOUTS, count, seed, held=False)


def held_out(count: int = 210, seed: int = 7) -> list[Made]:
    """Pages of the layouts that were put aside."""
    from tests.networks.corpus_held_out import HELD_OUT

    return _made(HELD_OUT, count, seed, held=True)


def second(count: int = 240, seed: int = 8) -> list[Made]:
    """Pages of the second set that was put aside."""
    from tests.networks.corpus_second import SECOND

    return _made(SECOND, count, seed, held=True)


def _made(layouts: dict[str, Layout], count: int, seed: int, *, held: bool) -> list[Made]:
    names, tongues = list(layouts), ("en", "ko", "zh", "nl")
    found = []
    for number in range(count):
        name = names[number % len(names)]
        language = {"korean": "ko", "chinese": "zh", "dutch": "nl"}.get(
            name, tongues[number // len(names) % 4]
        )
        found.append(layouts[name](Maker(seed * 10_000 + number, name, language, held=held)))
    return found
