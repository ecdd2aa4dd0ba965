"""A delivery whose words were erased while it was on its way: nothing of them is sent, told or noted again.

Two people may decide at any moment, also between a call of the network and its answer. What has not begun
does not begin; what has begun or is in doubt can be found or given up, and is told without words.
"""

from __future__ import annotations

from typing import Any

from bankside.channels.models import Delivery
from bankside.networks import contract
from bankside.record import subjects
from bankside.record.forgetting import covered
from bankside.record.forgetting.covered import Scope
from bankside.said import Said

ERASED = Said("The words were erased.")


def is_erased(row: Delivery) -> bool:
    """Whether its words were emptied, or two people have decided since it was asked for that they shall be.

    Certain as long as the caller's transaction holds the delivery's lane: a decision holds all of them.
    """
    return not row.words or row.requested_at <= erased_at(row.about)


def erased_at(about: str) -> int:
    """When (UTC ms) the desk's words about a thing were erased last; -1 when they never were."""
    return covered.erased_at(Scope(subjects.desk(), about))


def unquoted(result: Any) -> Any:
    """What a call brought, without what the network says of the words: it may quote them."""
    match result:
        case contract.Refused():
            return contract.Refused(ERASED)
        case contract.Later():
            return contract.Later(result.after_seconds, ERASED)
        case contract.Uncertain():
            return contract.Uncertain(ERASED)
        case _:
            return result
