"""What the room makes known when the desk starts: its followers of the record, its jobs, its audit."""

from __future__ import annotations


def enlist() -> None:
    """Called once, when all models are there."""
    from bankside.record import audit
    from bankside.record.projection import register
    from bankside.rewards import due, offer, reactions, spending_audit  # importing makes their jobs known
    from bankside.rewards.ledger import audit as journal_audit

    audit.contribute("rewards.journal", journal_audit.check)
    audit.contribute("rewards.spending", spending_audit.check)
    register(reactions.WAKES)
    del due, offer
