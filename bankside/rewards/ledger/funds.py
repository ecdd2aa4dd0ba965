"""Funds: what a rule may ever pay to all members together. Its row is locked until the transaction ends.

A hot row by nature: workers that pay from one fund wait for each other. Rules without a fund have none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import connection

from bankside.rewards.ledger.candidate import Terms

SCOPE = "fund"
# A newer version may change the fund; below what was paid it cannot go.
_OPEN = """
    insert into rewards_cap (scope, subject, "window", used, times, "limit") values (%s, %s, 0, 0, 0, %s)
    on conflict (scope, subject, "window") do update
    set "limit" = case when excluded."limit" > rewards_cap.used then excluded."limit"
                  else rewards_cap.used end
    returning used"""
_SAVE = """update rewards_cap set used = %s where scope = %s and subject = %s and "window" = 0"""


def load(paying: Iterable[Terms]) -> dict[str, int]:
    """What the funds of these rules have paid; each is locked, in the order of their names."""
    used = {}
    with connection.cursor() as cursor:
        for terms in sorted(paying, key=lambda terms: terms.rule):
            cursor.execute(_OPEN, [SCOPE, terms.rule, terms.fund])
            used[terms.rule] = int(cursor.fetchone()[0])
    return used


def save(used: Mapping[str, int]) -> None:
    """Keeps what they have paid now; a CHECK of the table refuses more than the fund."""
    with connection.cursor() as cursor:
        for rule, points in used.items():
            cursor.execute(_SAVE, [points, SCOPE, rule])
