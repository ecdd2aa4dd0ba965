"""Every failure on demand: what can be ordered, how an order is used up, and what it raises."""

from __future__ import annotations

from bankside.networks.catalogue import network
from bankside.networks.contract import Gone, Later, NotAllowed, Reconnect, Refused, Uncertain
from bankside.networks.practice.state import HOME, State
from bankside.said import Said

WRITES = ("send", "remove")
KINDS = (
    "later",
    "refused",
    "gone",
    "not-allowed",
    "reconnect",
    "uncertain-before",
    "uncertain-after",
    "late-acceptance",
    "pending",
    "garbage",
)
"""Every failure that can be asked for. `uncertain-before`: not accepted, and no answer; `-after`: accepted,
and the answer is lost; `late-acceptance`: no answer, and it appears 2 s later; `garbage`: the answer makes no
sense (what was sent is there). On operations that only read, an uncertain answer is a `Later`."""


def parsed(text: str) -> dict[str, str]:
    """`send:later, poll:reconnect` -> {"send": "later", "poll": "reconnect"}."""
    found = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        operation, _, kind = part.partition(":")
        check(operation, kind)
        found[operation] = kind
    return found


def check(operation: str, kind: str) -> None:
    if operation not in network("practice").can or kind not in KINDS:
        raise Refused(
            Said(
                "There is no failure %(operation)s:%(kind)s; the kinds are %(there)s.",
                operation=operation,
                kind=kind,
                there=", ".join(KINDS),
            )
        )


def taken(state: State, operation: str, always: dict[str, str]) -> tuple[str, float]:
    for failure in state.failures:
        if failure.operation == operation:
            failure.times -= 1
            state.failures = [f for f in state.failures if f.times > 0]
            return failure.kind, failure.after_seconds
    return always.get(operation, ""), 1.0


def raise_ordered(operation: str, kind: str, after_seconds: float) -> None:
    """Failures in which nothing happened; the others are met where something happens."""
    if operation not in WRITES and kind in {"uncertain-before", "uncertain-after", "late-acceptance"}:
        kind = "later"
    match kind:
        case "later":
            raise Later(after_seconds, Said("The practice network is busy."))
        case "refused":
            raise Refused(Said("The practice network does not want this."), fallback=HOME)
        case "gone":
            raise Gone(Said("The practice network has it no more."))
        case "not-allowed":
            raise NotAllowed(Said("The practice network does not allow it to this account."), fallback=HOME)
        case "reconnect":
            raise Reconnect(Said("The practice network asks for a new connection."))


def lose_the_answer(state: State) -> None:
    match state.failing:
        case "uncertain-before" | "uncertain-after" | "late-acceptance":
            raise Uncertain(Said("The connection broke before the practice network had answered."))
        case "garbage":
            raise Uncertain(Said("The answer of the practice network makes no sense."))
