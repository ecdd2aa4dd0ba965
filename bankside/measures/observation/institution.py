"""From the findings of an institution's pages to its accounts: each once, its own told from others'. Pure.

An account counts as the institution's own when one of its pages says so outside quotations, bylines, credits
and comments. What is left is kept too, with the reason why it does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal

import msgspec

from bankside.measures.observation.addresses import Addresses, host_of
from bankside.measures.observation.finding import OF_OTHERS, Finding, Seen
from bankside.measures.observation.likeness import akin, imitates

Flag = Literal["third-party", "look-alike", "dead", "closed", "faint"]
NOT_OWN: Final = frozenset({"third-party", "look-alike"})
GONE: Final = frozenset({404, 410})
ANCHORING: Final = frozenset({"rel-me", "same-as", "meta", "feed", "generator"})
NAMELESS: Final = frozenset(
    {"www", "m", "co", "com", "net", "org", "or", "go", "kr", "cn", "nl", "eu", "example", "bank"}
)


class Institution(msgspec.Struct, frozen=True, kw_only=True):
    """Who is looked at: a name, and the hosts of its own pages (a name under one of them is its own too)."""

    name: str
    hosts: tuple[str, ...]
    sector: str = ""

    def owns(self, host: str) -> bool:
        """Whether a page at this host is its own."""
        host = host.removeprefix("www.")
        own = (one.removeprefix("www.") for one in self.hosts)
        return any(host == one or host.endswith(f".{one}") for one in own)


class Trace(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One finding with the page that it stands on, so that it can be looked up."""

    page: str
    sha256: str
    own: bool
    finding: Finding


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account that the pages show. `strength` is the best of its traces that count, 0 when none does.

    `flags`: third-party and look-alike are not its own; dead: the network said that there is none; closed:
    the network has gone; faint: only traces. `pages`: how many of its pages show it.
    """

    network: str
    key: str
    handle: str
    address: str
    strength: int
    flags: tuple[Flag, ...]
    pages: int
    traces: tuple[Trace, ...]

    @property
    def own(self) -> bool:
        """Whether it counts as the institution's."""
        return not NOT_OWN & set(self.flags)


def accounts(
    who: Institution, pages: Iterable[Seen], table: Addresses, answers: Mapping[str, int] | None = None
) -> tuple[Account, ...]:
    """Every account that the pages show, by network and name. `answers`: HTTP status by account's address."""
    groups = _grouped(who, pages)
    anchored = {name for name, traces in groups.items() if _is_anchored(traces)}
    names = _names(who, anchored)
    found = [
        _judged(name, traces, anchored, names, table, answers or {})
        for name, traces in sorted(groups.items())
    ]
    return tuple(_without_doubles(_imitations(found)))


def networks(found: Iterable[Account]) -> tuple[str, ...]:
    """The networks that the institution uses: those with an account of its own that is not gone."""
    return tuple(sorted({one.network for one in found if one.own and "dead" not in one.flags}))


# --- one account -----------------------------------------------------------------------------------------
def _grouped(who: Institution, pages: Iterable[Seen]) -> dict[tuple[str, str], list[Trace]]:
    groups: dict[tuple[str, str], list[Trace]] = {}
    for page in pages:
        own = who.owns(host_of(page.address)) or not page.address
        for one in page.findings:
            if one.evidence in {"generator", "feed"} and not own:
                continue
            trace = Trace(page=page.address, sha256=page.sha256, own=own, finding=one)
            groups.setdefault((one.network, one.key), []).append(trace)
    return groups


def _is_anchored(traces: list[Trace]) -> bool:
    """Whether a page of its own says so where institutions say such things."""
    return any(_counts(t) and (t.finding.evidence in ANCHORING or _in_frame(t)) for t in traces)


def _in_frame(trace: Trace) -> bool:
    return trace.finding.evidence == "link" and trace.finding.around == "frame"


def _counts(trace: Trace) -> bool:
    """Whether a trace says anything of the institution itself."""
    one = trace.finding
    return (
        trace.own
        and one.around not in OF_OTHERS
        and one.shows not in {"post", "person"}
        and one.evidence != "author"
    )


def _judged(
    name: tuple[str, str],
    traces: list[Trace],
    anchored: set[tuple[str, str]],
    names: frozenset[str],
    table: Addresses,
    answers: Mapping[str, int],
) -> Account:
    best = max(traces, key=lambda t: (_counts(t), t.finding.strength, t.finding.handle))
    counting = [trace for trace in traces if _counts(trace)]
    strength = max((trace.finding.strength for trace in counting), default=0)
    flags: list[Flag] = []
    if not counting or (name not in anchored and _in_passing(name, counting, anchored, names)):
        flags.append("third-party")
    if table.places[name[0]].closed:
        flags.append("closed")
    if answers.get(best.finding.address) in GONE:
        flags.append("dead")
    if strength == 1:
        flags.append("faint")
    return Account(
        network=name[0], key=name[1], handle=best.finding.handle, address=best.finding.address,
        strength=strength, flags=tuple(flags), pages=len({t.page for t in counting}),
        traces=tuple(sorted(traces)),
    )  # fmt: skip


def _in_passing(
    name: tuple[str, str],
    counting: list[Trace],
    anchored: set[tuple[str, str]],
    names: frozenset[str],
) -> bool:
    """Whether the pages only mention it: another is theirs there, or it stands in an article, and it is not
    called as they are."""
    network, key = name
    if (
        not key
        or akin(key, names)
        or all(t.finding.evidence in {"script", "attribute", "embed"} for t in counting)
    ):
        return False
    other = any(one == network for one, _ in anchored)
    in_article = all(trace.finding.around == "article" for trace in counting)
    written = all(trace.finding.evidence == "text" for trace in counting)
    return other or in_article or (written and bool(anchored) and key.isascii())


# --- all of them -----------------------------------------------------------------------------------------
def _names(who: Institution, anchored: set[tuple[str, str]]) -> frozenset[str]:
    """What the institution is called: its name, its hosts, and accounts that are surely its own."""
    labels = {label for host in who.hosts for label in host.split(".") if label not in NAMELESS}
    whole = {host.removeprefix("www.").partition(".")[0] for host in who.hosts}
    own = {key for network, key in anchored if len(key) > 3 and "." not in key.partition("/")[0][-4:]}
    return frozenset({who.name, who.name.replace(" ", ""), *labels, *whole, *own} - {""})


def _imitations(found: list[Account]) -> list[Account]:
    """The same, those that imitate a better shown one flagged."""
    sure = [one for one in found if one.own and one.strength == 3]
    return [_flagged(one) if _is_imitation(one, sure) else one for one in found]


def _is_imitation(one: Account, sure: list[Account]) -> bool:
    if any(_is_anchored([trace]) for trace in one.traces):
        return False
    return any(
        imitates(one.handle, real.handle)
        for real in sure
        if (real.network, real.key) != (one.network, one.key)
    )


def _flagged(one: Account) -> Account:
    flags = [flag for flag in one.flags if flag != "third-party"]
    return msgspec.structs.replace(one, flags=("look-alike", *flags))


def _without_doubles(found: list[Account]) -> list[Account]:
    """Without short addresses, nameless traces and quoted posts where the account itself is known."""
    whole = {one.network for one in found if one.own and one.key and not _is_short(one)}
    return [one for one in found if one.network not in whole or (one.key and not _is_short(one))]


def _is_short(one: Account) -> bool:
    return all(trace.finding.shows == "short" for trace in one.traces)
