"""What the room makes known when somebody first asks: its follower of the record, and its audits."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bankside.record.log.verify import Report


def enlist() -> None:
    """Called once, when all models are there."""
    from bankside.record import audit
    from bankside.record.forgetting import forgetters
    from bankside.record.projection import register
    from bankside.rewards import forgotten, reactions

    audit.contribute("rewards.journal", _journal)
    audit.contribute("rewards.spending", _spending)
    register(reactions.WAKES)
    forgetters.related_by("rewards", forgotten.same_person)
    forgetters.leave_by("rewards", forgotten.leave)
    forgetters.forget_in("rewards", forgotten.forget)


def _journal(report: Report) -> None:
    from bankside.rewards.ledger import audit

    audit.check(report)


def _spending(report: Report) -> None:
    from bankside.rewards import spending_audit

    spending_audit.check(report)
