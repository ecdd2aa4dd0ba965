"""What the situations that rooms name are called on the outside: a status, a title and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from bankside.people.policy import NotYours


@dataclass(frozen=True, slots=True)
class Problem:
    """A situation as HTTP and people see it."""

    status: int
    title: str
    detail: str


def problem_of(trouble: Exception) -> Problem | None:
    """The problem that an exception of a room is; None for a mistake of ours, which must not be hidden."""
    match trouble:
        case NotYours():
            return Problem(403, "This is not yours to do.", str(trouble))
        case LookupError() if not isinstance(trouble, KeyError | IndexError):
            return Problem(404, "It is not here.", str(trouble))
        case ValueError() if type(trouble) is not ValueError:
            return Problem(422, "This cannot be done.", str(trouble))
    return None
