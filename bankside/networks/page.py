"""The page about a network for people: made from its data file alone, so that it can never disagree.

Pure. docs/networks/<name>.md holds exactly what `page` gives; a test compares them, and
`python -m bankside.networks.page FOLDER` writes them anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from bankside.networks.catalogue import NetworkData, load
from bankside.networks.declared import MediaRule, Setting

CAN = {
    "whoami": "tells which account is connected",
    "verify": "takes hooks, and refuses forged ones",
    "read": "reads what came in",
    "poll": "asks for what is new",
    "preview": "shows and counts a post before it goes out",
    "send": "sends posts and answers",
    "settle": "asks what became of a post that the network took its time for",
    "find": "finds out whether a doubtful send got through",
    "remove": "removes what the desk said",
    "measure": "reads counts",
}
OFFERS = {
    "note": "short posts",
    "article": "articles",
    "page": "pages",
    "title": "titles",
    "slug": "a wanted address for a post",
    "image": "images",
    "video": "videos",
    "alt": "descriptions of images",
    "reply": "answers",
    "private": "private messages",
    "edit": "changing what was said",
    "delete": "removing what was said",
    "comments": "comments of readers",
    "mentions": "mentions",
    "acts": "likes, shares and new followers, which are counted",
    "counts": "counts of what people did with it",
    "hook": "hooks: the network calls when something happens",
}
BY = {
    "interface": "Public posts are read through the network's own interface, without signing in.",
    "feed": "Public posts are read from a feed.",
    "nothing": "Nothing is read without the owner's permission.",
}
LIFECYCLE = {
    "open": "The network is open.",
    "restricted": "The network takes less than it did: see the limits below.",
    "closed": "The network has closed. Its history stays; nothing can be sent.",
}
ACCESS = {
    "open": "Anybody may connect an account.",
    "paid": "Connecting costs money: see the prices.",
    "approval": "The network must approve the connection first.",
    "contract": "A contract with the network or its dealer is needed.",
}
UNPRICED = {"contract": "What the desk does costs what the contract says."}
DOUBT = {
    "client_id": "Every post carries an id that the desk chose. After a lost answer it looks for that id.",
    "server_key": "Every send carries a key. Sent again with the same key, the network makes no second post.",
    "slug": "The address of a post is made from the delivery. After a lost answer the desk looks there.",
    "state": "The network tells what became of a send. After a lost answer the desk asks.",
    "search": "After a lost answer the desk looks through the account's latest posts for the same words.",
    "none": "After a lost answer nobody can find out what happened. The desk stops, and a person decides.",
}
WINDOWS = {"private": "Answering a", "reply": "Answering a", "edit": "Changing a"}
ACTS = {
    "post": "a post",
    "post-with-link": "a post with a link",
    "reply": "an answer",
    "private": "a private message",
    "remove": "removing a post",
    "read": "an item that is read",
    "count": "a post of ours whose counts are read",
}
COUNTS = {
    "likes": "likes",
    "reposts": "reposts",
    "quotes": "quotes",
    "shares": "shares",
    "replies": "answers",
    "comments": "comments",
    "views": "how often it was seen",
    "delivered": "how many it was delivered to",
    "clicks": "clicks",
    "followers": "followers",
}
SCHEMES = {
    "hmac": "HMAC over the raw body",
    "sorted-sha1": "SHA-1 over the sorted parts",
    "equal": "a secret word",
}
RULES = {
    "none": "every character counts one",
    "weighted": "Latin letters count one, Hangul, Han and emoji two, an address a fixed length",
    "graphemes-bytes": "what a reader sees as one character counts one, and the bytes count too",
    "graphemes-url": "what a reader sees as one character counts one, an address a fixed length",
    "utf16": "most characters count one, most emoji two",
    "half-width": "Han and Hangul count one, ASCII one half",
    "emoji-bytes": "every character counts one, an emoji as many as it has bytes",
}


def page(data: NetworkData) -> str:
    """Markdown: what it can do, limits, prices, how to get access, how doubt is settled, when last read."""
    if not data.can:
        return _assisted(data)
    sections = (
        _head(data),
        _section("What it can do", [_sentence(OFFERS[o]) for o in data.offers]),
        _section("What the desk does there", [_sentence(CAN[c]) for c in data.can]),
        _section("Limits", _limits(data)),
        _section("What is counted", _counts(data)),
        _section("Prices", _prices(data)),
        _section("How to get access", [ACCESS[data.access]]) + _numbered(data.connect.steps),
        _section("What the form asks for", [_setting(s) for s in data.settings]),
        _section("Credentials", _credentials(data)),
        _section("When an answer is lost", _doubt(data)),
        _section("How news comes in", _news(data)),
        _by_hand(data),
        _recognised(data),
        _public(data),
        f"Documentation of the network: <{data.documentation}>. A person last read it on {data.checked}.\n",
    )
    return "\n".join(section for section in sections if section)


def _assisted(data: NetworkData) -> str:
    """The page of a network without an interface: how a person posts there, or that nobody does any more."""
    closed = data.lifecycle == "closed"
    way = (
        "Nothing is posted there." if closed else "The desk prepares, asks for approval and keeps the record."
    )
    sections = (
        _head(data),
        _section("What can be prepared", [_sentence(OFFERS[o]) for o in data.offers]),
        "" if closed else _section("Limits", _limits(data)),
        _section("How to get access", [way]) + _numbered(data.connect.steps),
        _by_hand(data),
        _recognised(data),
        _public(data),
        f"Source: <{data.documentation}>. What stands here was looked up on {data.checked}.\n",
    )
    return "\n".join(section for section in sections if section)


def _by_hand(data: NetworkData) -> str:
    """What a person does where the desk cannot, or when it fails, and what she shows for it."""
    if not data.assist:
        return ""
    begins = " or ".join(f"`{address}`" for address in data.assist.evidence)
    shown = [f"What she shows: the address of the post; it begins with {begins}."] if begins else []
    page = data.assist.link.partition("?")[0]
    fills = " It is filled in with what was approved." if "{" in data.assist.link else ""
    lines = [f"The page to open: <{page}>.{fills}", *shown]
    return _section("Posting by hand", lines) + _numbered(data.assist.steps)


def _recognised(data: NetworkData) -> str:
    """How an account there is recognised on somebody's pages."""
    known = data.known_by
    if not known:
        return ""
    hosts = ", ".join(f"`{host}`" for host in known.hosts)
    forms = ", ".join(f"`{form.path}`" for form in known.forms if form.shows in {"account", "short"})
    traces = {
        "Where accounts are: {}.": hosts,
        "Their addresses: {}.": forms,
        "Names in `<meta>`: {}.": ", ".join(f"`{name}`" for name in known.metas),
        "Feeds of these types: {}.": ", ".join(f"`{kind}`" for kind in known.feeds),
        "Sites made with it say so: {}.": ", ".join(
            f"`{word}`" for word in (*known.generators, *known.signs)
        ),
    }
    lines = [words.format(value) for words, value in traces.items() if value]
    if known.anywhere:
        lines.append("Any server may keep accounts: elsewhere a page must say of the link that it is one.")
    return _section("How accounts are recognised on pages", [*lines, *filter(None, [known.unverified])])


def _public(data: NetworkData) -> str:
    """What studies can read of an account there without its owner's permission."""
    if not data.public:
        return ""
    robots = ["What `robots.txt` forbids is not asked for."] if data.public.robots else []
    lines = [BY[data.public.by], data.public.note, *robots]
    return _section("What anybody may read, for studies", lines)


def _head(data: NetworkData) -> str:
    where = "Reachable everywhere." if "*" in data.markets else f"Reachable in: {', '.join(data.markets)}."
    return f"# {data.title}\n\n{data.summary}\n\n{LIFECYCLE[data.lifecycle]} {where}\n"


def _section(title: str, lines: Iterable[str]) -> str:
    body = "\n".join(f"- {line}" for line in lines)
    return f"## {title}\n\n{body}\n" if body else ""


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _limits(data: NetworkData) -> list[str]:
    text = data.text
    found = [f"Text: {text.limit:,} {text.unit}; {RULES[text.rule]}." if text.limit else "Text: no limit."]
    if text.bytes_limit:
        found.append(f"Text: {text.bytes_limit:,} bytes.")
    if text.url_length:
        found.append(f"An address counts {text.url_length}, however long it is.")
    if text.title_limit:
        found.append(f"Title: {text.title_limit:,} characters.")
    found += [_media(rule) for rule in data.media]
    for window in data.windows:
        hours = f"{window.hours} hour" if window.hours == 1 else f"{window.hours} hours"
        how_long = hours if window.hours else "no time limit"
        many = "one message" if window.messages == 1 else f"{window.messages} messages"
        most = f", {many} at most" if window.messages else ""
        found.append(
            " ".join(filter(None, (f"{WINDOWS[window.of]} {window.kind}: {how_long}{most}.", window.note)))
        )
    return found


def _media(rule: MediaRule) -> str:
    size = f", each of {rule.bytes_max:,} bytes at most" if rule.bytes_max else ""
    kinds = ", ".join(mime.partition("/")[2] for mime in rule.mimes)
    many = f"up to {rule.count_max}" if rule.count_max else "any number"
    alt = f" Descriptions: {rule.alt_max:,} characters." if rule.alt_max else ""
    return f"{_sentence(rule.kind)[:-1]}s: {many}{size} ({kinds}).{alt} {rule.note}".rstrip()


def _prices(data: NetworkData) -> list[str]:
    if not data.prices:
        return [UNPRICED.get(data.access, "The network asks no price for a single act.")]
    return [f"{_sentence(ACTS[p.act])[:-1]}: {p.amount} {p.currency}. {p.note}".rstrip() for p in data.prices]


def _counts(data: NetworkData) -> list[str]:
    """What the network tells about what was said there, and how much of it is asked for at once."""
    told = data.counts
    if not told:
        return []
    named = {"Of a post": told.post, "Of an answer of ours": told.answer, "Of the account": told.account}
    found = [f"{of}: {', '.join(COUNTS[name] for name in names)}." for of, names in named.items() if names]
    calls = "one call" if told.calls_max == 1 else f"{told.calls_max} calls"
    each = "one post" if told.per_call == 1 else f"{told.per_call} posts"
    asked = (
        f"The desk reads them in rounds of {calls} at most, each for {each}, and less often as a post ages."
    )
    return [*found, asked, *filter(None, [told.note])]


def _numbered(steps: Iterable[str]) -> str:
    numbered = "\n".join(f"{number}. {step}" for number, step in enumerate(steps, start=1))
    return f"\n{numbered}\n"


def _setting(setting: Setting) -> str:
    notes = [
        "secret" if setting.secret else "",
        "" if setting.required else "may be left empty",
        f"otherwise `{setting.default}`" if setting.default else "",
        f"one of {', '.join(f'`{c}`' for c in setting.choices)}" if setting.choices else "",
    ]
    noted = "; ".join(filter(None, notes))
    return f"**{setting.label}** (`{setting.name}`{'; ' + noted if noted else ''}). {setting.help}"


def _credentials(data: NetworkData) -> list[str]:
    found = []
    for token in data.tokens:
        life = f"{token.life_seconds:,} seconds" if token.life_seconds else "until it is taken back"
        found.append(f"{token.kind}: lasts {life}. {token.note}".rstrip())
    if data.connect.scopes:
        found.append(f"Scopes: {', '.join(data.connect.scopes)}.")
    return found


def _doubt(data: NetworkData) -> list[str]:
    doubt = data.doubt
    if "send" not in data.can:  # nothing is sent by the desk, so no answer can be lost
        return [doubt.detail]
    wait = f"The desk first waits {doubt.late_acceptance_seconds} s: until then it may still appear."
    return [DOUBT[doubt.strategy], *([wait] if doubt.late_acceptance_seconds else []), doubt.detail]


def _news(data: NetworkData) -> list[str]:
    found = []
    if "poll" in data.can:
        again = f"the last {data.poll.overlap_seconds} s" if data.poll.overlap_seconds else ""
        again = again or f"the newest {data.poll.overlap_items}"
        then = " for what has happened since" if data.poll.exact else f", and reads {again} again each time"
        found.append(f"The desk asks every {data.poll.seconds} s{then}.")
    if data.signature.scheme != "none":
        at = (
            f"header `{data.signature.header}`"
            if data.signature.header
            else f"query `{data.signature.query}`"
        )
        found.append(f"Hooks are signed ({SCHEMES[data.signature.scheme]}, {at}).")
    if data.pictures:
        hosts = ", ".join(f"`{host}`" for host in data.pictures.fixed)
        at = f", from {hosts} alone" if hosts else ""
        found.append(f"Pictures that people show are fetched{at}, drawn again and kept by the desk.")
    if data.rate.dialect != "none":
        note = f" {data.rate.note}" if data.rate.note else ""
        found.append(f"The desk waits as long as the network asks for.{note}")
    return found


def write(folder: Path) -> list[Path]:
    """Writes the page of every network; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    for data in load().values():
        (folder / f"{data.name}.md").write_text(page(data), encoding="utf-8")
    return [folder / f"{name}.md" for name in load()]


if __name__ == "__main__":
    write(Path(sys.argv[1]))
