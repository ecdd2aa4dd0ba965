"""From recorded activities to durable postings, in batches of 1,000 and of 5,000: rules, caps, decisions,
journal, buckets and the digest in the record, against bare inserts (COPY on PostgreSQL) of the journal's
rows.

The entries are real ones of the record, and the code that makes acts of them, judges and posts is that of
the desk. What a rule sees of an act is at hand where a figure says nothing else; `points-read` makes it of
the words (language, quality, threads, links), and `points-decrypted` reads the record and opens it too. On
PostgreSQL, give BANKSIDE_DATABASE_URL as for the other benches.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from bench.crowd import WORDS
from bench.desk import empty_desk
from bench.likeness import Likeness

BATCHES = (1_000, 5_000)
ACTS_PER_MEMBER = 2
NETWORKS = ("example-a", "example-b", "example-c", "example-d")
RULES_EACH = 5
ANSWERS_EACH = 8
READ_MAX = 20_000
# Cut to every length from 30 to 149 characters, as often.
MORE = (
    "The branch in Mapo answered within a day, and somebody rang to ask whether it had helped; next time I"
    " would rather write here than wait on the telephone, please keep this up in spring too"
)
HEAD = """
[programme]
id = "bench"
unit = "pt"
tz = "Asia/Seoul"
currency = "KRW"
worth = {points = 1, minor = 1}
hold = "72h"
life = "60M"
notice = "6M"
"""
# Twenty rules, five for each network; about a third of all activities earns something by one of them.
RULE = """
[[earn]]
id = "%(network)s-%(place)d"
class = "A"
on = "reply"
in = "own_thread"
network = ["%(network)s"]
when = "text_len >= %(least)d && text_len < %(most)d && quality >= 50"
points = "min(20, %(place)d + 2 * depth)"
cap = {points = 40, times = 5, per = "day"}
"""


def measure(size: int) -> dict[str, float]:
    """Earns for `size` activities with each size of batch, and reads a part of them with decryption.

    `points-1000` and `points-5000`: seconds of bare inserts of the same rows of the journal, which also say
    why, in parts of ours from acts made beforehand; medians of the batches. `points-whole` is the same from
    entries with their words, opened beforehand, in batches of 5,000. Activities a second: `points-rate` from
    acts, `points-read` from words, `points-decrypted` from the record, `points-replay` the second time, which
    gave `points-replayed` postings; `points-bare`: rows of the journal a second that were inserted barely. On
    PostgreSQL the shares are `points-copy-1000`, `points-copy-5000` and `points-copy-whole`. `points-ledger`:
    the ledger's share of the time from acts. `points-audit`: rows of the journal checked a second.
    """
    with empty_desk() as folder:
        _programme()
        members = _members(max(200, size // ACTS_PER_MEMBER))
        figures: dict[str, float] = {}
        known: list[Any] = []
        for place, batch in enumerate(BATCHES):
            acts = _acts(_recorded(members, place * size, size))
            known += acts
            with _Posting() as posting:
                seconds, rate, figures[f"points-{_how()}{batch}"] = _against(folder, acts, batch, _earn)
            figures |= {"points-rate": size / seconds, "points-bare": rate}
            figures |= {"points-ledger": posting.seconds / seconds}
        rows = _count()
        seconds = sum(_in_batches(known, BATCHES[-1], _earn))
        figures |= {"points-replay": 2 * size / seconds, "points-replayed": float(_count() - rows)}
        figures |= _from_words(folder, members, 2 * size, min(size, READ_MAX))
        figures["points-decrypted"] = _decrypted(members, 2 * size + READ_MAX, min(size, READ_MAX))
        return figures | {"points-audit": _audited()}


def _against(
    folder: Path, things: list[Any], batch: int, act: Callable[[list[Any]], object]
) -> tuple[float, float, float]:
    """Our seconds; rows a second of bare inserts, and the median of what they took in parts of ours."""
    bare, seconds, times, first = Likeness(folder), list[float](), list[float](), _count()
    for own in _in_batches(things, batch, act):
        seconds.append(own)
        times.append(bare.seconds())
    shares = [time / own for time, own in zip(times, seconds, strict=True)]
    return sum(seconds), (_count() - first) / sum(times), median(shares)


def _from_words(folder: Path, members: list[tuple[int, str]], start: int, count: int) -> dict[str, float]:
    """The same with what it takes to make acts of words."""
    from bankside.rewards import reactions

    told = _recorded(members, start, count)
    seconds, _, share = _against(folder, told, BATCHES[-1], reactions.take)
    return {"points-read": count / seconds, f"points-{_how()}whole": share}


def _acts(told: list[Any]) -> list[Any]:
    """What rules see of entries, made beforehand by the room's own code."""
    from bankside.rewards import acts, programme

    terms = [live.programme for live in programme.live()]
    return [
        one for start in range(0, len(told), 1_000) for one in acts.of_activities(told[start:][:1_000], terms)
    ]


def _earn(sighted: list[Any]) -> None:
    from bankside.rewards import earning

    earning.earn_sighted(sighted)


def _in_batches(things: list[Any], batch: int, act: Callable[[list[Any]], object]) -> Iterator[float]:
    """Seconds of doing something with so many at a time, each time in a durable transaction."""
    from django.db import transaction

    for start in range(0, len(things), batch):
        some = things[start : start + batch]
        started = time.perf_counter()
        with transaction.atomic():
            act(some)
        yield time.perf_counter() - started


def _decrypted(members: list[tuple[int, str]], start: int, count: int) -> float:
    """Activities a second when the record is read and opened for them, in batches of 5,000."""
    from bankside.record.models import Entry
    from bankside.rewards import reactions
    from bankside.rewards.models import Reached
    from bankside.rewards.programme import EARN

    last = Entry.objects.order_by("-n").values_list("n", flat=True)[0]
    Reached.objects.update_or_create(name=EARN, defaults={"n": last})
    _recorded(members, start, count)

    def earn() -> None:
        while reactions.earn_recorded(BATCHES[-1]):
            pass

    return count / _seconds(earn)


class _Posting:
    """Times `post_shares` where earning calls it; what it waits for while acts are judged is in it."""

    def __enter__(self) -> _Posting:
        from bankside.rewards.ledger import post

        self.seconds, self._module = 0.0, vars(post)
        self._post = self._module["post_shares"]

        def timed(*given: Any, **named: Any) -> Any:
            started = time.perf_counter()
            try:
                return self._post(*given, **named)
            finally:
                self.seconds += time.perf_counter() - started

        self._module["post_shares"] = timed
        return self

    def __exit__(self, *error: object) -> None:
        self._module["post_shares"] = self._post


# --- what there is to begin with ----------------------------------------------------------------------------
def _programme() -> None:
    """Twenty rules in force, as the desk makes them so: one writes, two others agree."""
    from bankside.people import staff
    from bankside.rewards import programme

    text = HEAD + "".join(
        RULE % {"network": network, "place": place, "least": 40 + 8 * place, "most": 48 + 8 * place}
        for network in NETWORKS
        for place in range(1, RULES_EACH + 1)
    )
    author, *others = (
        staff.add(f"{role}@hanulbank.example", f"Somebody {role}", role=role)
        for role in ("author", "approver", "compliance")
    )
    row = programme.submit(author, programme.draft(author, name="bench", text=text).obj)
    for other in others:
        row = programme.approve(other, row.obj, sha256=row.sha256)


def _members(count: int) -> list[tuple[int, str]]:
    """Members whose profile counts since long ago; (number, subject of the profile)."""
    from bankside.record import subjects
    from bankside.rewards.models import Counting, Link, Member

    Member.objects.bulk_create(
        (Member(customer_ref=f"bench-{n}", joined_at=1, adult=True) for n in range(count)), batch_size=500
    )
    members = list(Member.objects.order_by("pk"))
    accounts = [(NETWORKS[n % len(NETWORKS)], f"account:{n}") for n in range(count)]
    subjs = subjects.subjects_of(accounts)
    links = [
        Link(
            member=member, network=accounts[n][0], subject=accounts[n][1], subj=subjs[accounts[n]],
            handle=f"@guest{n}", proof="oauth", consent_version="1", account_since=1, linked_at=1,
        )
        for n, member in enumerate(members)
    ]  # fmt: skip
    Link.objects.bulk_create(links, batch_size=500)
    Counting.objects.bulk_create(
        (
            Counting(link_id=pk, member=member, subj=subj, since=1)
            for pk, member, subj in Link.objects.values_list("pk", "member_id", "subj")
        ),
        batch_size=500,
    )
    return [(link.member_id, link.subj) for link in links]


def _recorded(members: list[tuple[int, str]], start: int, count: int) -> list[Any]:
    """New answers in threads of the bank's own, in the record, with the facts that they are."""
    from django.db import transaction

    from bankside.record.append import append_many
    from bankside.rewards.models import Answers

    told: list[Any] = []
    threads = range(start // ANSWERS_EACH, (start + count) // ANSWERS_EACH + 1)
    Answers.objects.bulk_create(
        (Answers(place=f"{thread:032x}", answers=0) for thread in threads),
        ignore_conflicts=True,
        batch_size=300,
    )
    for first in range(start, start + count, BATCHES[0]):
        drafts = [_draft(members, n) for n in range(first, min(first + BATCHES[0], start + count))]
        with transaction.atomic():
            entries = append_many(drafts)
        told += zip(entries, (draft.fact for draft in drafts), strict=True)
    return told


def _draft(members: list[tuple[int, str]], n: int) -> Any:
    """The n-th activity: every member comes back again and again, in no order that the desk could like."""
    from bankside.record.append import Draft
    from bankside.record.facts.channels import ActivityReceived, ActorSeen, Seen

    name, lang, text = WORDS[n % len(WORDS)]
    place, thread = n * 7_919 % len(members), n // ANSWERS_EACH
    words = f"{n} {text} {MORE}"[: 30 + (n * 2_654_435_761 >> 8) % 120]
    seen = Seen(
        remote_id=f"comment:{n}", version="1", verb="Create", kind="comment",
        actor=ActorSeen(remote_id=f"account:{place}", handle=f"@guest{place}", name=name), text=words,
        lang=lang, thread=f"post:{thread}", in_reply_to=f"post:{thread}",
    )  # fmt: skip
    network = NETWORKS[place % len(NETWORKS)]
    fact = ActivityReceived(channel="c" * 32, network=network, seen=seen, via="hook")
    subj = members[place][1]
    return Draft(fact=fact, key=f"bench:{n}", actor="s:bench", obj=f"{thread:032x}", subj=subj)


# --- what else is promised
# ------------------------------------------------------------------------------------
def _audited() -> float:
    """Rows of the journal a second, checked against the record."""
    from bankside.record.log.verify import Report
    from bankside.rewards.ledger import audit

    report = Report()
    seconds = _seconds(lambda: audit.check(report))
    assert report.holds, report.problems[:3]
    return _count() / seconds


def _how() -> str:
    """On PostgreSQL the rows are copied, and the promise is another."""
    from django.db import connection

    return "copy-" if connection.vendor == "postgresql" else ""


def _count() -> int:
    from bankside.rewards.models import Posting

    return Posting.objects.count()


def _seconds(act: Callable[[], None]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
