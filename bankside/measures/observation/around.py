"""What a link stands in: the frame of the site, an article, a quotation, or a place for others. Pure.

Names of classes and the few words before a link tell that, in English, Korean, Chinese and Dutch.
"""

from __future__ import annotations

import re
from typing import Any, Final

from bankside.measures.observation.finding import OF_OTHERS, Around

ANCESTORS_MAX: Final = 40
NEAR_CHARACTERS_MAX: Final = 300
WORDS_BEFORE_MAX: Final = 60
TOP: Final = frozenset({"html", "body"})
WIDE: Final = frozenset({"body", "html", "nav", "header", "footer", "ul", "main"})
WITHIN_LINES: Final = frozenset({"span", "b", "strong", "em", "i", "small", "font"})
SIBLINGS_MAX: Final = 8
REMEMBERED_MAX: Final = 20_000

QUOTED: Final = re.compile(
    r"\bembed(?:ded)?-?(?:post|item|content)?\b|pull-?quote|\bquote|citaat|social-(?:wall|stream)"
    r"|news-?clip|press-?clip"
)
BYLINE: Final = re.compile(
    r"\bby-?line|\bauthor|journalist|reporter|\bwriter|columnist|correspondent|auteur|redacteur|verslaggever"
    r"|contributor|speaker|\bteam-?member|\bemployee|\bstaff\b|\bbio\b|biograph|\bperson\b|profile-card|\bvcard"
)
PARTNER: Final = re.compile(
    r"partner|sponsor|vendor|agency|\bcredits?\b|made-?by|built-?by|designed-?by|powered-?by|colophon|webdesign"
    r"|realisatie|\bclients?\b|\bcustomers?\b|affiliate|family-?site|related-?sites?|\bmembers?-(?:list|logos?)\b"
    r"|association|external-links|\bfriends?-?links?\b|third-?part|advert|\bads?\b|promo-external"
)
COMMENT: Final = re.compile(
    r"\bcomments?\b|comment-|reacties|\breaction|guestbook|disqus|forum-post|\breplies\b"
)
FRAME: Final = re.compile(
    r"foot|head(?:er)?\b|\bnav|social|\bsns\b|follow|connect|contact|\bgnb\b|\blnb\b|top-?bar|side-?bar|menu|channels?\b"
)
MAKER: Final = re.compile(
    r"(?:(?:web)?site|design(?:ed)?|built|powered|made|developed|hosting|hosted|created|crafted|produced)"
    r"\s+(?:and \w+ )?by"
    r"|ontwerp|realisatie|gebouwd door|ontwikkeld door|webbouw|mogelijk gemaakt door"
    r"|(?:홈페이지|웹사이트|사이트)?\s*(?:제작|개발|구축|디자인)\s*(?:사|업체)?\s*[:：|]"
    r"|技术支持|设计制作|网站建设|网站制作|制作维护|承建|"
    r"(?:our )?(?:partners?|sponsors?)\s*[:：]|협력사|제휴사|合作伙伴|友情链接|onze partners?\b",
    re.IGNORECASE,
)
PLACES: Final[tuple[tuple[re.Pattern[str], Around], ...]] = (
    (QUOTED, "quoted"), (BYLINE, "byline"), (PARTNER, "partner"), (COMMENT, "comment"),
)  # fmt: skip
WRITER: Final = re.compile(
    r"^\s*(?:(?:written |reported |text |story )?by|door|tekst|von|글|취재|文|作者|记者|撰文)\s*[:：]?\s"
    r"|기자\b|기자\s*[(|@]|记者[：:]|\b(?:reporter|journalist|redacteur|verslaggever|correspondent)\b",
    re.IGNORECASE,
)
SOURCE: Final = re.compile(
    r"(?:^|\s)(?:source|via|photo|image|credit|bron|foto|출처|사진|来源|图片|转自|引自)\s*[:：]",
    re.IGNORECASE,
)


class Surroundings:
    """What the elements of one page stand in; what is found for one is remembered for those beside it.

    `posts`, `timelines`: classes of widgets that show a post, or all that an account says.
    """

    def __init__(
        self, posts: re.Pattern[str], timelines: re.Pattern[str], named: dict[tuple[str, str], Around]
    ) -> None:
        """`named`: what elements of a kind and classes say, kept from page to page, within a limit."""
        self._posts, self._timelines = posts, timelines
        self._known: dict[int, Around] = {}
        self._named = named
        self._classes: dict[int, str] = {}

    def of(self, node: Any) -> Around:
        """What an element stands in; empty when nothing tells."""
        own = self._alone(node)
        if own in OF_OTHERS:
            return own
        outside = self._outside(node.parent)
        if outside in OF_OTHERS:
            return outside
        return _near(node) or own or outside

    def is_timeline(self, node: Any) -> bool:
        """Whether the element is a widget that shows an account's own posts."""
        named = self._classes_of(node)
        return bool(named) and self._timelines.search(named) is not None

    def _outside(self, node: Any) -> Around:
        """Of a branch of the tree: what the nearest element says that speaks of others, or that speaks."""
        passed: list[tuple[int, Around]] = []
        for _ in range(ANCESTORS_MAX):
            if node is None or node.tag in TOP or (place := node.mem_id) in self._known:
                break
            passed.append((place, self._alone(node)))
            node = node.parent
        result: Around = self._known.get(node.mem_id, "") if node is not None else ""
        for place, alone in reversed(passed):
            if alone and (alone in OF_OTHERS or result not in OF_OTHERS):
                result = alone
            self._known[place] = result
        return result

    def _alone(self, node: Any) -> Around:
        """What one element alone says."""
        name = (node.tag, self._classes_of(node))
        if name not in self._named:
            if len(self._named) >= REMEMBERED_MAX:
                self._named.clear()
            self._named[name] = self._said(*name)
        return self._named[name]

    def _classes_of(self, node: Any) -> str:
        place = node.mem_id
        if place not in self._classes:
            self._classes[place] = classes(node)
        return self._classes[place]

    def _said(self, tag: str, named: str) -> Around:
        if tag in {"blockquote", "q", "cite"} or self._posts.search(named):
            return "quoted"
        if named and not self._timelines.search(named):
            for pattern, meaning in PLACES:
                if pattern.search(named):
                    return meaning
        if tag in {"header", "footer", "nav", "address"}:
            return "frame"
        if tag == "article":
            return "article"
        return "frame" if FRAME.search(named) else ""


def _near(node: Any) -> Around:
    """What the few words before it say, within the smallest block that has words of its own."""
    parent = node.parent
    if parent is None or parent.tag in WIDE:
        return ""
    before = _before(node)
    if not before and parent.tag in WITHIN_LINES:
        before = _before(parent) if len(parent.text(deep=True, separator=" ")) <= NEAR_CHARACTERS_MAX else ""
    if not before:
        return ""
    if MAKER.search(before):
        return "partner"
    if WRITER.search(before):
        return "byline"
    return "quoted" if SOURCE.search(before) else ""


def _before(node: Any) -> str:
    """The few words that stand right before an element, in the same block."""
    words, one = "", node.prev
    for _ in range(SIBLINGS_MAX):
        if (
            one is None
            or len(words) >= WORDS_BEFORE_MAX
            or one.tag in {"br", "hr", "p", "div", "li", "a", "ul"}
        ):
            break
        said = (one.text_content or "") if one.tag == "-text" else one.text(deep=True, separator=" ")
        words, one = f"{said} {words}", one.prev
    return " ".join(words.split())[-WORDS_BEFORE_MAX:]


def classes(node: Any) -> str:
    """Its classes, id and property, in lower case, with - for _."""
    said = node.attributes
    if not said:
        return ""
    every = [one for one in (said.get("class"), said.get("id"), said.get("itemprop")) if one]
    return " ".join(every).lower().replace("_", "-")
