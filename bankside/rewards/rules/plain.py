"""Rules and offers in plain sentences, made from what was read and not from what somebody wrote about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bankside.rewards.rules import nodes
from bankside.rewards.rules.fields import ACT, MEMBER, Allowed
from bankside.rewards.rules.nodes import Node
from bankside.rewards.rules.terms import Earn, Offer, Per, Programme
from bankside.rewards.rules.worst import Worst
from bankside.said import Said, joined

KIND: Final[Mapping[str, Said]] = {
    "reply": Said("a reply"),
    "post": Said("a post"),
    "mention": Said("a mention"),
    "share": Said("a share"),
    "feedback": Said("feedback, whatever it says"),
    "report": Said("a confirmed report of a scam"),
    "event": Said("an event"),
    "poll": Said("a poll"),
    "quiz": Said("a quiz"),
    "tenure": Said("a year as a customer"),
    "link": Said("linking a profile"),
    "purchase": Said("a purchase with the card"),
}
PER: Final[Mapping[Per, Said]] = {
    "day": Said("each day"),
    "week": Said("each week"),
    "month": Said("each month"),
}
SIGNS: Final = {"==": "=", "!=": "≠", "<=": "≤", ">=": "≥", "*": "×", "-": "−"}
SPANS: Final = (
    (86_400_000, Said("%(count)s d")),
    (3_600_000, Said("%(count)s h")),
    (60_000, Said("%(count)s min")),
    (1_000, Said("%(count)s s")),
)
# How tightly each binds; what binds looser than what is around it stands in brackets.
LOOSE, BOTH, CLOSE, SUM, PRODUCT, SINGLE = range(6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one rule or offer means; `kind` is "earn" or "offer"."""

    kind: str
    id: str
    sentences: tuple[Said, ...]


def preview(programme: Programme) -> tuple[Told, ...]:
    """Every rule, then every offer, in the order of the file."""
    rules = [Told(kind="earn", id=rule.id, sentences=earning(rule)) for rule in programme.earn]
    offers = [
        Told(kind="offer", id=o.id, sentences=offering(o, programme.currency)) for o in programme.offers
    ]
    return (*rules, *offers)


def sentences(programme: Programme) -> tuple[Said, ...]:
    """All of these one after the other, each with the name of what it is about."""
    return tuple(
        joined([told.id, sentence], ": ") for told in preview(programme) for sentence in told.sentences
    )


def costs(worst: Worst, members: int, currency: str) -> tuple[Said, ...]:
    """The worst case in sentences, for so many members."""
    return (
        Said(
            "One member can earn at most %(day)s points a day and %(month)s a month.",
            day=worst.day, month=worst.month,
        ),
        Said(
            "The attack ceiling, what one account can take in a month, is %(money)s %(currency)s.",
            money=worst.ceiling, currency=currency,
        ),
        Said(
            "%(members)s members can earn at most %(points)s points a month.",
            members=members, points=worst.programme(members),
        ),
        Said(
            "Offers can give them at most %(money)s %(currency)s a month.",
            money=worst.credits(members), currency=currency,
        ),
    )  # fmt: skip


def earning(rule: Earn) -> tuple[Said, ...]:
    """What a rule pays for, how much, when and how often."""
    told = [Said("Pays for %(kinds)s.", kinds=joined([KIND[kind] for kind in rule.on], ", "))]
    if rule.networks:
        told.append(Said("On these networks alone: %(networks)s.", networks=", ".join(rule.networks)))
    if rule.own_thread:
        told.append(Said("In a thread of the bank's own alone."))
    if rule.campaign:
        told.append(Said("In the campaign %(campaign)s alone.", campaign=rule.campaign))
    if rule.when:
        told.append(Said("Only if %(condition)s.", condition=_words(rule.when.root, ACT)))
    told.append(_points(rule))
    told.append(
        Said(
            "The limit for one member %(per)s: %(points)s points, %(times)s ×.",
            points=rule.cap_points, times=rule.cap_times, per=PER[rule.per],
        )
    )  # fmt: skip
    if rule.cooldown_ms:
        told.append(Said("Not within %(span)s of the one before.", span=span(rule.cooldown_ms)))
    if rule.fund:
        told.append(Said("All members together get at most %(points)s points, ever.", points=rule.fund))
    if rule.cls == "B":
        told.append(_disclosed(rule))
    return tuple(told)


def offering(offer: Offer, currency: str) -> tuple[Said, ...]:
    """What an offer gives, where, to whom and how often."""
    unit: object = currency if offer.kind == "credit" else Said("points")
    told = [_given(offer, unit)]
    if offer.mcc:
        codes = ", ".join(f"{code:04}" for code in offer.mcc)
        told.append(Said("At shops of these trades (MCC): %(codes)s.", codes=codes))
    if offer.merchants:
        told.append(Said("At these merchants: %(names)s.", names=", ".join(offer.merchants)))
    if offer.when:
        told.append(
            Said(
                "For members of whom this is true: %(condition)s.", condition=_words(offer.when.root, MEMBER)
            )
        )
    else:
        told.append(Said("For every member; nothing that is known of them decides."))
    told.append(Said("At most %(times)s × %(per)s.", times=offer.freq_times, per=PER[offer.per]))
    told.append(Said("All members together get at most %(fund)s %(unit)s, ever.", fund=offer.fund, unit=unit))
    if offer.holdout:
        told.append(
            Said(
                "%(share)s%% of these members never see it, to measure what it does.",
                share=_share(offer.holdout),
            )
        )
    return tuple(told)


def span(span_ms: int) -> Said:
    """A span of time in its largest whole unit."""
    for unit_ms, words in SPANS:
        if span_ms % unit_ms == 0:
            return Said(words.template, count=span_ms // unit_ms)
    return Said("%(count)s ms", count=span_ms)


def _points(rule: Earn) -> Said:
    if isinstance(rule.points.root, nodes.Number):
        return Said("Each time: %(points)s points.", points=rule.points.root.value)
    words = _words(rule.points.root, ACT)
    if rule.amount_unit > 1:
        return Said(
            "Each time: %(words)s points, the amount counted in units of %(unit)s; never more than %(most)s.",
            words=words, unit=rule.amount_unit, most=rule.most,
        )  # fmt: skip
    return Said("Each time: %(words)s points; never more than %(most)s.", words=words, most=rule.most)


def _disclosed(rule: Earn) -> Said:
    words = joined([f"“{word}” ({language})" for language, word in rule.disclose.items()], ", ")
    return Said(
        "Paid only when the post says at its beginning, in its own language, that it is advertising: "
        "%(words)s, within the first %(within)s characters.",
        words=words, within=rule.within,
    )  # fmt: skip


def _given(offer: Offer, unit: object) -> Said:
    if offer.fixed:
        return Said("Gives %(fixed)s %(unit)s each time.", fixed=offer.fixed, unit=unit)
    return Said(
        "Gives %(share)s%% of the amount back, at most %(most)s %(unit)s each time.",
        share=_share(offer.back), most=offer.max, unit=unit,
    )  # fmt: skip


def _share(basis_points: int) -> str:
    whole, part = divmod(basis_points, 100)
    return f"{whole}.{part:02}".rstrip("0") if part else str(whole)


def _words(node: Node, fields: Mapping[str, Allowed]) -> Said:
    return _Words(fields).of(node, LOOSE)


class _Words:
    """An expression with the fields' names in words; signs of arithmetic stay, as everybody reads them."""

    def __init__(self, fields: Mapping[str, Allowed]) -> None:
        self.fields = fields

    def of(self, node: Node, around: int) -> Said:
        """A node in words, in brackets when what is around it binds more tightly."""
        words, binds = self.bare(node)
        return joined(["(", words, ")"], "") if binds < around else words

    def bare(self, node: Node) -> tuple[Said, int]:
        match node:
            case nodes.Number():
                return joined([node.value]), SINGLE
            case nodes.Word():
                return Said(f"“{node.value}”"), SINGLE
            case nodes.Truth():
                return Said("true") if node.value else Said("false"), SINGLE
            case nodes.Field():
                return self.fields[node.name].says, SINGLE
            case nodes.Not():
                return Said("not %(condition)s", condition=self.of(node.of, SINGLE)), CLOSE
            case nodes.Logic():
                return self.logic(node)
            case nodes.Compare():
                left, right = self.of(node.left, SUM), self.of(node.right, SUM)
                return joined([left, SIGNS.get(node.sign, node.sign), right]), CLOSE
            case nodes.Arithmetic():
                return self.arithmetic(node)
            case nodes.Extreme():
                return self.extreme(node), SINGLE
            case nodes.Among() | nodes.Shares():
                return self.among(node), CLOSE

    def logic(self, node: nodes.Logic) -> tuple[Said, int]:
        if node.sign == "&&":
            both = {"left": self.of(node.left, BOTH), "right": self.of(node.right, BOTH)}
            return Said("%(left)s and %(right)s", **both), BOTH
        either = {"left": self.of(node.left, LOOSE), "right": self.of(node.right, LOOSE)}
        return Said("%(left)s or %(right)s", **either), LOOSE

    def arithmetic(self, node: nodes.Arithmetic) -> tuple[Said, int]:
        binds = PRODUCT if node.sign == "*" else SUM
        right = self.of(node.right, binds + 1)
        if node.sign == "-" and node.left == nodes.Number(0, node.column):
            return joined([SIGNS["-"], self.of(node.right, SINGLE)], ""), SINGLE
        return joined([self.of(node.left, binds), SIGNS.get(node.sign, node.sign), right]), binds

    def extreme(self, node: nodes.Extreme) -> Said:
        listed = joined([self.of(one, LOOSE) for one in node.of], "; ")
        if node.name == "min":
            return Said("the smallest of (%(listed)s)", listed=listed)
        return Said("the largest of (%(listed)s)", listed=listed)

    def among(self, node: nodes.Among | nodes.Shares) -> Said:
        item = node.item if isinstance(node, nodes.Among) else node.field
        codes = isinstance(item, nodes.Field) and item.name == "mcc"
        listed = ", ".join(f"{value:04}" if codes else str(value) for value in node.values)
        field = self.of(item, SINGLE)
        if isinstance(node, nodes.Shares):
            return Said("%(field)s include one of (%(listed)s)", field=field, listed=listed)
        return Said("%(field)s is one of (%(listed)s)", field=field, listed=listed)
