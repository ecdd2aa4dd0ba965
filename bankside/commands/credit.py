"""The credit firewall: the database role by which underwriting reads, and nothing social with it."""

from __future__ import annotations

import argparse

from bankside.commands import REFUSED
from bankside.commands.declared import AS_JSON, Commands, add, flag, ready, say


def declare(commands: Commands) -> None:
    """credit-role."""
    role = flag("role", metavar="ROLE", help="a role of PostgreSQL that is there")
    check = flag("--check", action="store_true", help="change nothing, only ask what the role can reach")
    add(commands, "credit-role", credit_role, role, check, AS_JSON)


def credit_role(parsed: argparse.Namespace) -> int | None:
    """Lets a database role read what decisions about credit may know, and nothing else; PostgreSQL alone.

    Run it as the owner of the tables (BANKSIDE_MIGRATE_DATABASE_URL). Exit 1 when `--check` finds more.
    """
    ready()
    from django.conf import settings
    from django.db import connections

    from bankside.rewards import firewall

    owner = connections["owner" if "owner" in settings.DATABASES else "default"]
    if not parsed.check:
        firewall.raise_wall(owner, parsed.role)
    found = list(firewall.breaches(owner, parsed.role))
    say(parsed, found or [{"role": parsed.role, "reaches": "nothing social"}])
    return REFUSED if found else None
