"""Members of the social card, for operators: let somebody in, list them, and give one a way in."""

from __future__ import annotations

import argparse
from datetime import date

from bankside.commands import CommandRefused
from bankside.commands.declared import AS_JSON, Commands, add, flag, group, ready, say

LISTED_MAX = 1_000


def declare(commands: Commands) -> None:
    """member add, list, visit."""
    member = group(commands, "member", "Members of the social card.")
    add(
        member, "add", add_member,
        flag("customer_ref", metavar="REFERENCE", help="the bank's own reference; never a card number"),
        flag("--born", required=True, metavar="YYYY-MM-DD", help="looked at for the age, and not kept"),
        flag("--name", default="", help="as it is to stand on the card"),
        flag("--language", default="en", choices=("en", "ko", "zh-hans", "nl")),
        flag("--consent", action="append", default=[], metavar="PURPOSE",
             help="what was agreed to beside programme: profile, card, spend, personal, notices; repeatable"),
        flag("--since", default="", metavar="YYYY-MM-DD", help="the day since which she is a customer"),
        flag("--employee", action="store_true", help="works for the bank, and earns nothing"),
        AS_JSON,
    )  # fmt: skip
    add(member, "list", list_members, AS_JSON)
    whom = flag("member", metavar="MEMBER", help="the member's obj (32 hex digits) or the bank's reference")
    add(member, "visit", visit_member, whom, AS_JSON)


def add_member(parsed: argparse.Namespace) -> None:
    """Lets a customer take part. The same reference again gives the member that is there."""
    ready()
    from bankside.rewards import consent, member

    since = _day(parsed.since) if parsed.since else None
    made = member.enrol(
        customer_ref=parsed.customer_ref, born=_day(parsed.born), name=parsed.name, language=parsed.language,
        employee=parsed.employee, tenure_since=since,
        consents=dict.fromkeys((consent.PROGRAMME, *parsed.consent), ""),
    )  # fmt: skip
    say(parsed, {"member": made.obj, "status": made.status}, lambda m: f"{m['member']} {m['status']}")


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise CommandRefused(f"{typed!r} is no date such as 1990-02-28") from None


def list_members(parsed: argparse.Namespace) -> None:
    """Everybody who takes part, or did, the newest first; at most 1,000. No names."""
    ready()
    from bankside.rewards.models import Member

    rows = Member.objects.order_by("-pk").values_list("pk", "obj", "status", "language")[:LISTED_MAX]
    listed = [{"number": n, "member": obj, "status": s, "language": lang} for n, obj, s, lang in rows]
    say(parsed, listed, lambda m: f"{m['number']} {m['member']} {m['status']} {m['language']}")


def visit_member(parsed: argparse.Namespace) -> None:
    """Prints an address that lets the member in: once, within ten minutes. Give it to nobody else."""
    ready()
    from bankside.rewards import member, visit
    from bankside.rewards.taking_part import NoSuchMember

    try:
        row = member.get(parsed.member)
    except NoSuchMember:
        row = member.by_ref(parsed.member)
    made = {"address": visit.address_of(visit.ticket(row)), "minutes": visit.TICKET_MINUTES}
    say(parsed, made, lambda one: str(one["address"]))
