"""Whether a post fits a network, by the numbers in its data file and the live limits of the account.

Pure. Connectors use it for `preview`, and again before they send: what has a finding is never sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from bankside.networks.contract import Count, Media, Post, PostKind, Preview
from bankside.networks.counters import count
from bankside.said import Said

if TYPE_CHECKING:
    from bankside.networks.catalogue import NetworkData
    from bankside.networks.declared import MediaRule, Text


_KINDS = {
    "image": Said("image"),
    "video": Said("video"),
    "audio": Said("audio"),
    "document": Said("document"),
}


def fitted(data: NetworkData, post: Post, account: dict[str, Any]) -> Preview:
    """The post with its counts and findings. `account` is `Grant.account`: its limits override the file."""
    rule = live_text(data.text, account)
    counts = count(rule, post.text)
    if rule.title_limit and "title" in data.offers:
        counts += (_title_count(rule, post.title),)
    findings = (*_of_counts(counts), *_of_words(data, post), *_of_media(data, post.media))
    return Preview(text=post.text, title=post.title, counts=counts, findings=findings)


def live_text(rule: Text, account: dict[str, Any]) -> Text:
    """The rule of the data file under the limits that the account itself named (keys as in the file)."""
    limits = account.get("limits") or {}
    known = {
        k: int(v) for k, v in limits.items() if k in {"limit", "bytes_limit", "url_length", "title_limit"}
    }
    return msgspec.structs.replace(rule, **known)


def kind_for(data: NetworkData, post: Post) -> PostKind:
    """The kind that the network makes of it: its own first kind when it has not the one that was asked."""
    return post.kind if post.kind in data.kinds else data.kinds[0]


def _title_count(rule: Text, title: str) -> Count:
    return Count(
        used=len(title),
        limit=rule.title_limit,
        unit="characters of the title",
        ok=len(title) <= rule.title_limit,
    )


def _of_counts(counts: tuple[Count, ...]) -> list[str]:
    over = [c for c in counts if c.limit and c.used > c.limit]
    found: list[str] = [
        Said(
            "Too long: %(used)s %(unit)s, and %(limit)s are allowed.",
            used=c.used,
            unit=Said(c.unit),
            limit=c.limit,
        )
        for c in over
    ]
    return found + [c.note for c in counts if not c.ok and c.note]


def _of_words(data: NetworkData, post: Post) -> list[str]:
    offers = data.offers
    wrong = (
        (not post.text.strip() and not post.media, Said("There is nothing to say: the text is empty.")),
        ("\x00" in post.text, Said("The text holds a character that no network takes (U+0000).")),
        (
            bool(post.title) and "title" not in offers,
            Said("%(title)s shows no titles: leave the title empty.", title=data.title),
        ),
        (
            bool(post.in_reply_to) and "reply" not in offers,
            Said("%(title)s takes no replies from a desk.", title=data.title),
        ),
        (
            post.private and "private" not in offers,
            Said("%(title)s carries no private messages.", title=data.title),
        ),
        (
            bool(post.replaces) and "edit" not in offers,
            Said("%(title)s lets nobody change what was said.", title=data.title),
        ),
        (
            post.private and not post.to and not post.in_reply_to,
            Said("A private message needs a receiver."),
        ),
    )
    return [finding for is_wrong, finding in wrong if is_wrong]


def _of_media(data: NetworkData, media: tuple[Media, ...]) -> list[str]:
    rules = {mime: rule for rule in data.media for mime in rule.mimes}
    found: list[str] = [
        Said(
            "%(name)s: %(title)s takes no files of the kind %(kind)s.",
            name=m.name,
            title=data.title,
            kind=m.mime,
        )
        for m in media
        if m.mime not in rules
    ]
    known = [(m, rules[m.mime]) for m in media if m.mime in rules]
    for rule in data.media:
        number = sum(1 for _, its in known if its is rule)
        if rule.count_max and number > rule.count_max:
            found.append(
                Said(
                    "Too many files: %(number)s of the kind %(kind)s, and %(most)s are allowed.",
                    number=number,
                    kind=_KINDS[rule.kind],
                    most=rule.count_max,
                )
            )
    return found + [finding for m, rule in known for finding in _of_file(m, rule)]


def _of_file(media: Media, rule: MediaRule) -> list[str]:
    found: list[str] = []
    if rule.bytes_max and len(media.data) > rule.bytes_max:
        found.append(
            Said(
                "%(name)s is too large: %(number)s bytes, and %(most)s are allowed.",
                name=media.name,
                number=len(media.data),
                most=rule.bytes_max,
            )
        )
    if rule.alt_max and len(media.alt) > rule.alt_max:
        found.append(
            Said(
                "%(name)s: its description has %(number)s characters; %(most)s are allowed.",
                name=media.name,
                number=len(media.alt),
                most=rule.alt_max,
            )
        )
    return found
