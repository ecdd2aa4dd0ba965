"""The states of a delivery, as a graph that checks itself when it is imported.

One state begins. Every state that is not final says who moves it on, the desk or a person, and has a
limit: how often the desk tries, or after how many minutes a person who has not decided is late.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from bankside.said import Said

WAITING: Final = "waiting"
SENDING: Final = "sending"
PENDING: Final = "pending"
DOUBTFUL: Final = "doubtful"
UNCERTAIN: Final = "uncertain"
HELD: Final = "held"
BY_HAND: Final = "by-hand"
SENT: Final = "sent"
REFUSED: Final = "refused"
WITHDRAWN: Final = "withdrawn"

INITIAL: Final = WAITING


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Where a delivery can be, who moves it on, and how far that goes."""

    goes_to: frozenset[str]
    moved_by: Literal["desk", "person", "nobody"]
    tries_max: int = 0
    late_minutes: int = 0


GRAPH: Final[dict[str, State]] = {
    # Approved and due, or not yet due. A network that says "later" brings it back here. From here, and from
    # every state but the final ones, good news that comes late still leads to `sent`.
    WAITING: State(
        goes_to=frozenset({SENDING, HELD, BY_HAND, SENT, REFUSED, WITHDRAWN}), moved_by="desk", tries_max=20
    ),
    # The attempt is written and the network is being asked.
    SENDING: State(
        goes_to=frozenset({SENT, PENDING, WAITING, REFUSED, HELD, DOUBTFUL}), moved_by="desk", tries_max=1
    ),
    # The network took it and has not put it out yet: it is asked again, reading only.
    PENDING: State(goes_to=frozenset({SENT, REFUSED, UNCERTAIN}), moved_by="desk", tries_max=90),
    # The answer was lost: after the bound of late acceptance it is looked up, reading only.
    DOUBTFUL: State(goes_to=frozenset({SENT, PENDING, WAITING, UNCERTAIN}), moved_by="desk", tries_max=20),
    # It cannot be known. Nothing is sent again until a person has looked.
    UNCERTAIN: State(goes_to=frozenset({SENT, WAITING, WITHDRAWN}), moved_by="person", late_minutes=15),
    # The channel is paused or must be connected again; everything on it waits.
    HELD: State(goes_to=frozenset({SENT, WAITING, WITHDRAWN}), moved_by="person", late_minutes=15),
    # The desk cannot post there: a person does, and shows where it stands. It never goes back to be sent by
    # the desk, which could not know whether she has posted it already.
    BY_HAND: State(goes_to=frozenset({SENT, WITHDRAWN}), moved_by="person", late_minutes=60),
    # The network, or the desk itself, said no. A person may have it tried again, or drop it.
    REFUSED: State(goes_to=frozenset({SENT, WAITING, WITHDRAWN}), moved_by="person", late_minutes=15),
    SENT: State(goes_to=frozenset(), moved_by="nobody"),
    WITHDRAWN: State(goes_to=frozenset(), moved_by="nobody"),
}

FINAL: Final = frozenset(name for name, state in GRAPH.items() if not state.goes_to)
MOVED_BY_DESK: Final = frozenset(name for name, state in GRAPH.items() if state.moved_by == "desk")


class GraphBroken(RuntimeError):
    """The graph of states is not whole; the desk does not start with it."""


class NotThatWay(ValueError):
    """A delivery cannot go from one of these states to the other."""


def refuse_wrong(before: str, after: str) -> None:
    """Raises NotThatWay unless the graph has that arrow; staying where one is needs none."""
    if before != after and after not in GRAPH[before].goes_to:
        raise NotThatWay(
            Said("A delivery that is %(before)s cannot become %(after)s.", before=before, after=after)
        )


def check(graph: dict[str, State], initial: str) -> None:
    """Raises GraphBroken, naming the first state that is wrong."""
    for name, state in graph.items():
        if unknown := state.goes_to - graph.keys():
            raise GraphBroken(f"{name} goes to {', '.join(sorted(unknown))}, which is no state")
        if state.goes_to and not (state.tries_max if state.moved_by == "desk" else state.late_minutes):
            raise GraphBroken(f"{name} has no limit")
        if bool(state.goes_to) == (state.moved_by == "nobody"):
            raise GraphBroken(f"{name} is moved by {state.moved_by}")
    if lost := graph.keys() - _reachable(graph, initial):
        raise GraphBroken(f"nothing leads to {', '.join(sorted(lost))}")
    final = {name for name, state in graph.items() if not state.goes_to}
    if stuck := [name for name in graph if not _reachable(graph, name) & final]:
        raise GraphBroken(f"{', '.join(sorted(stuck))} never ends")


def _reachable(graph: dict[str, State], start: str) -> set[str]:
    seen, ahead = set[str](), [start]
    while ahead:
        name = ahead.pop()
        if name not in seen:
            seen.add(name)
            ahead.extend(graph[name].goes_to)
    return seen


check(GRAPH, INITIAL)
