"""Who works at the desk, and tokens for programs."""

from __future__ import annotations

import argparse
import os
import secrets

from bankside.commands.declared import AS_JSON, Commands, add, flag, group, ready, say

PASSWORD_BYTES = 12


def declare(commands: Commands) -> None:
    """staff add, token create."""
    staff = group(commands, "staff", "People who work at the desk.")
    add(
        staff, "add", add_staff,
        flag("email", metavar="EMAIL"),
        flag("--role", required=True, help="author, approver, responder, reviewer, compliance, "
             "records-officer, key-custodian, auditor or administrator"),
        flag("--name", default="", help="as colleagues see it; the address's first part when left out"),
        flag("--team", default="", help="a team; made when it is not there. Left out: the whole desk"),
        flag("--zone", default="UTC", help="time zone of a new team, such as Asia/Seoul"),
        flag("--language", default="en", choices=("en", "ko", "zh-hans", "nl")),
        AS_JSON,
    )  # fmt: skip
    token = group(commands, "token", "Tokens with which programs use the API.")
    whose = flag("--staff", required=True, metavar="EMAIL", help="as whom the program acts")
    name = flag("--name", default="command line", help="which program it is for")
    add(token, "create", create_token, whose, name, AS_JSON)


def add_staff(parsed: argparse.Namespace) -> None:
    """Lets somebody sign in with a role. The password is taken from BANKSIDE_PASSWORD, or made and printed.

    Run again for somebody who is there, it adds the role.
    """
    ready()
    from bankside.people import staff, teams

    team = teams.make(parsed.team, parsed.zone) if parsed.team else None
    try:
        there = staff.by_email(parsed.email)
    except staff.NoSuchStaff:
        password = os.environ.get("BANKSIDE_PASSWORD") or secrets.token_urlsafe(PASSWORD_BYTES)
        name = parsed.name or parsed.email.partition("@")[0]
        staff.add(
            parsed.email, name, role=parsed.role, team=team, password=password, language=parsed.language
        )
    else:
        staff.give_role(there, parsed.role, team=team)
        password = ""
    made = {"email": parsed.email, "role": parsed.role, "team": parsed.team, "password": password}
    say(parsed, made, lambda m: " ".join(word for word in (m["email"], m["role"], m["password"]) if word))


def create_token(parsed: argparse.Namespace) -> None:
    """Prints a bearer token for the API. It is shown this once; only its digest is kept."""
    ready()
    from bankside.people import staff, tokens

    token = tokens.make(staff.by_email(parsed.staff), parsed.name)
    say(parsed, {"token": token, "staff": parsed.staff}, lambda made: str(made["token"]))
