"""Acts that take two people: each of them may do it, and the second is another one than the first."""

from __future__ import annotations

from bankside.people import policy
from bankside.people.models import Staff
from bankside.record.two_people import SamePerson
from bankside.said import Said


def require_two(first: Staff, second: Staff, act: str) -> None:
    """Raises SamePerson or NotYours unless these are two people who may both do it in the whole desk."""
    if first.pk == second.pk:
        raise SamePerson(Said("It takes two people: a second one has to agree."))
    for one in (first, second):
        policy.require(one, act)
