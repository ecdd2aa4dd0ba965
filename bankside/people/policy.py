"""Who may do what: one table of acts and roles, scoped by team. What is not in it is refused.

A role is held in one team or (without a team) in the whole desk. A role of a team reaches the team's own
things; what belongs to no team is reached by desk-wide roles alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.db import models

from bankside.people.models import Staff, Team
from bankside.record import rules_in_force
from bankside.said import Said, joined

AUTHOR = "author"
APPROVER = "approver"
RESPONDER = "responder"
REVIEWER = "reviewer"
COMPLIANCE = "compliance"
RECORDS_OFFICER = "records-officer"
KEY_CUSTODIAN = "key-custodian"
AUDITOR = "auditor"
ADMINISTRATOR = "administrator"

ROLES = (
    AUTHOR, APPROVER, RESPONDER, REVIEWER, COMPLIANCE, RECORDS_OFFICER, KEY_CUSTODIAN, AUDITOR, ADMINISTRATOR,
)  # fmt: skip

# What each act is, in the words that a refusal shows.
ACTS = {
    "channel.see": "see the networks",
    "channel.connect": "connect, pause or remove networks",
    "desk.freeze": "stop everything that goes out",
    "desk.unfreeze": "let things go out again",
    "desk.recover": "end recovery mode",
    "log-key.change": "change the key of the logs",
    "key.rotate": "change the key that wraps all other keys",
    "post.see": "see posts",
    "post.write": "write posts",
    "post.submit": "submit posts",
    "post.approve": "approve posts",
    "post.schedule": "say when posts go out",
    "delivery.decide": "decide what became of a delivery",
    "delivery.by-hand": "post approved words by hand",
    "conversation.see": "see conversations",
    "conversation.reply": "answer people",
    "conversation.assign": "assign conversations",
    "conversation.note": "write notes",
    "conversation.close": "close conversations",
    "reply.approve": "approve answers",
    "record.see": "see the record",
    "record.read": "read the words in the record",
    "keeping.see": "see what is held and what is forgotten",
    "erasure.ask": "ask that words be forgotten",
    "erasure.agree": "agree that words are forgotten",
    "hold.place": "hold what must not be forgotten",
    "hold.release": "release what somebody else holds",
    "record.export": "take entries of the record away as a package",
    "readings.see": "see who read what",
    "readings.review": "review who read what",
    "staff.see": "see who works here",
    "staff.manage": "add people and give roles",
    "token.create": "make tokens for programs",
    "member.see": "see members and their cards",
    "member.manage": "let members in, pause or remove them",
    "card.decide": "decide what is printed on cards",
    "card.order": "order cards from the bureau",
    "programme.write": "write programmes",
    "programme.approve": "approve programmes",
    "offer.see": "see programmes and offers",
    "review.see": "see what has to be reviewed",
    "review.decide": "decide whether points settle",
    "review.second": "agree that points are taken back",
    "liability.see": "see what points are owed",
    "values.export": "export what members received in a year",
    "spending.manage": "send what members spent to the bank's systems",
    "measures.read": "see what is counted",
    "measures.decide": "decide how is counted",
    "studies.read": "see studies and their reports",
    "studies.manage": "make studies, invite institutions and publish reports",
}

# Whoever wrote the words must not be the one who says that they are not out there: a delivery in doubt is
# decided by those who approve. An administrator runs the desk and sees nothing that customers wrote.
TABLE: dict[str, frozenset[str]] = {
    "channel.see": frozenset(ROLES) - {KEY_CUSTODIAN},
    "channel.connect": frozenset({ADMINISTRATOR}),
    "desk.freeze": frozenset({ADMINISTRATOR, APPROVER, COMPLIANCE}),
    "desk.unfreeze": frozenset({ADMINISTRATOR, COMPLIANCE}),
    # Two people each, of those who answer for the record and its keys.
    "desk.recover": frozenset({ADMINISTRATOR, COMPLIANCE, RECORDS_OFFICER}),
    "log-key.change": frozenset({KEY_CUSTODIAN, RECORDS_OFFICER, ADMINISTRATOR}),
    "key.rotate": frozenset({KEY_CUSTODIAN}),
    "post.see": frozenset({AUTHOR, APPROVER, RESPONDER, REVIEWER, COMPLIANCE, RECORDS_OFFICER, AUDITOR}),
    "post.write": frozenset({AUTHOR}),
    "post.submit": frozenset({AUTHOR}),
    "post.approve": frozenset({APPROVER, COMPLIANCE}),
    "post.schedule": frozenset({AUTHOR, APPROVER}),
    "delivery.decide": frozenset({APPROVER, REVIEWER, COMPLIANCE}),
    "delivery.by-hand": frozenset({AUTHOR, APPROVER, RESPONDER}),
    "conversation.see": frozenset({RESPONDER, REVIEWER, COMPLIANCE, AUDITOR}),
    "conversation.reply": frozenset({RESPONDER}),
    "conversation.assign": frozenset({RESPONDER, REVIEWER}),
    "conversation.note": frozenset({RESPONDER, REVIEWER, COMPLIANCE}),
    "conversation.close": frozenset({RESPONDER, REVIEWER}),
    "reply.approve": frozenset({REVIEWER, COMPLIANCE}),
    "record.see": frozenset({COMPLIANCE, RECORDS_OFFICER, AUDITOR, ADMINISTRATOR}),
    "record.read": frozenset({COMPLIANCE, RECORDS_OFFICER, AUDITOR}),
    # Two people each, never one in both places: the record sees to that.
    "keeping.see": frozenset({COMPLIANCE, RECORDS_OFFICER, AUDITOR}),
    "erasure.ask": frozenset({COMPLIANCE, RECORDS_OFFICER}),
    "erasure.agree": frozenset({COMPLIANCE, RECORDS_OFFICER}),
    "hold.place": frozenset({COMPLIANCE, RECORDS_OFFICER}),
    "hold.release": frozenset({COMPLIANCE, RECORDS_OFFICER}),
    "record.export": frozenset({COMPLIANCE, RECORDS_OFFICER, AUDITOR}),
    # An administrator runs the desk; whether somebody reads too much is for those who answer for that.
    "readings.see": frozenset({COMPLIANCE, RECORDS_OFFICER, AUDITOR}),
    "readings.review": frozenset({COMPLIANCE, RECORDS_OFFICER}),
    "staff.see": frozenset({COMPLIANCE, AUDITOR, ADMINISTRATOR}),
    "staff.manage": frozenset({ADMINISTRATOR}),
    "token.create": frozenset({ADMINISTRATOR}),
    # The social card: who writes a programme, or chooses what is ordered, is not who agrees to it.
    "member.see": frozenset({AUTHOR, APPROVER, REVIEWER, COMPLIANCE, AUDITOR, ADMINISTRATOR}),
    "member.manage": frozenset({COMPLIANCE, ADMINISTRATOR}),
    "card.decide": frozenset({APPROVER, COMPLIANCE}),
    "card.order": frozenset({AUTHOR, ADMINISTRATOR}),
    "programme.write": frozenset({AUTHOR}),
    "programme.approve": frozenset({APPROVER, COMPLIANCE}),
    "offer.see": frozenset({AUTHOR, APPROVER, REVIEWER, COMPLIANCE, AUDITOR}),
    "review.see": frozenset({APPROVER, REVIEWER, COMPLIANCE, AUDITOR}),
    "review.decide": frozenset({REVIEWER, COMPLIANCE}),
    "review.second": frozenset({APPROVER, COMPLIANCE}),
    "liability.see": frozenset({APPROVER, COMPLIANCE, AUDITOR}),
    "values.export": frozenset({COMPLIANCE, RECORDS_OFFICER}),
    "spending.manage": frozenset({ADMINISTRATOR}),
    # Counts alone, of private messages too: whoever works with the desk may see how it does.
    "measures.read": frozenset(ROLES) - {KEY_CUSTODIAN, RECORDS_OFFICER},
    "measures.decide": frozenset({COMPLIANCE, ADMINISTRATOR}),
    # Studies are no team's: they compare institutions.
    "studies.read": frozenset({AUTHOR, APPROVER, REVIEWER, COMPLIANCE, AUDITOR, ADMINISTRATOR}),
    "studies.manage": frozenset({AUTHOR, COMPLIANCE}),
}


class NotYours(PermissionError):
    """The act is not allowed to her, here. `act` names it, the message says it in words."""

    def __init__(self, act: str) -> None:
        self.act = act
        roles = joined((_called(role) for role in ROLES if role in TABLE[act]), ", ")
        words = Said(
            "You may not %(act)s here. It takes one of these roles: %(roles)s.",
            act=Said(ACTS[act]),
            roles=roles,
        )
        super().__init__(words)


@dataclass(frozen=True, slots=True)
class Teams:
    """Where somebody may do an act: the whole desk (`all`), or the teams of these ids. False: nowhere."""

    all: bool = False
    ids: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return self.all or bool(self.ids)

    def reach(self, team: Team | None) -> bool:
        """Whether a thing of this team, or (None) of the whole desk, is within."""
        return self.all or (team is not None and team.pk in self.ids)

    def where(self, field: str = "team") -> models.Q:
        """The condition for rows whose `field` is the team."""
        return models.Q() if self.all else models.Q(**{f"{field}__in": self.ids})


def require(staff: Staff, act: str, team: Team | None = None) -> None:
    """Raises NotYours unless she may do it with a thing of this team (None: of the whole desk)."""
    if not may(staff, act, team):
        raise NotYours(act)


def require_somewhere(staff: Staff, act: str) -> None:
    """Raises NotYours unless there is any team, or the desk, in which she may do it."""
    if not teams_with(staff, act):
        raise NotYours(act)


def may(staff: Staff, act: str, team: Team | None = None) -> bool:
    """Whether she may do it with a thing of this team (None: of the whole desk)."""
    return teams_with(staff, act).reach(team)


def teams_with(staff: Staff, act: str) -> Teams:
    """Where she may do it. Nowhere for somebody who left; raises KeyError for an act that is not known."""
    allowed = TABLE[act]
    if not staff.is_active:
        return Teams()
    held = [team for role, team in staff.held_roles if role in allowed]
    return Teams(all=None in held, ids=frozenset(team for team in held if team is not None))


def _called(role: str) -> Said:
    """How people call it, and the catalogues with them: `records-officer` is the Records officer."""
    return Said(role.replace("-", " ").capitalize())


def contribute() -> None:
    """Names this table among the rules in force, so that every leaf says under which table it was made."""
    table = {act: sorted(roles) for act, roles in TABLE.items()}
    rules_in_force.contribute("people.policy", json.dumps(table, sort_keys=True))
