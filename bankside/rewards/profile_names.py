"""What linked profiles are called is read again once a week: a name may change, the account does not.

One job for all, a few profiles at a time. Nobody is asked for anything: it is what everybody may see.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bankside.channels import profiles
from bankside.record import clock, jobs
from bankside.record.models import Job
from bankside.rewards.models import Link

JOB: Final = "profile-names"
AGE_DAYS: Final = 7
AT_ONCE: Final = 5
EVERY_MS: Final = 3_600_000
SOON_MS: Final = 10_000
LEASE_SECONDS: Final = 600
DAY_MS: Final = 86_400_000

Read = dict[int, "profiles.Profile | None"]


def enqueue() -> None:
    """Has the job on the table; it is one for all links."""
    jobs.enqueue(JOB, JOB, due_ms=clock.now_ms() + EVERY_MS, data={})


@jobs.handler(JOB, standing=True)
def _look(job: Job) -> jobs.Errand[Read] | int:
    links = due()
    if not links:
        return clock.now_ms() + EVERY_MS
    readers = {link.pk: _reader(link) for link in links}
    return jobs.Errand(
        work=lambda: {pk: _read(reader) for pk, reader in readers.items()},
        after=lambda answer: _after(list(readers), answer),
        lease_seconds=LEASE_SECONDS,
    )


def due() -> list[Link]:
    """A few of the live links whose name was read more than a week ago, the oldest first."""
    before = clock.now_ms() - AGE_DAYS * DAY_MS
    return list(Link.objects.filter(unlinked_at=0, read_at__lt=before).order_by("read_at")[:AT_ONCE])


def _reader(link: Link) -> Callable[[], profiles.Profile | None]:
    try:
        return profiles.reader(link.network, link.subject)
    except LookupError:  # the network has been taken off the desk
        return lambda: None


def _read(reader: Callable[[], profiles.Profile | None]) -> profiles.Profile | None:
    try:
        return reader()
    except profiles.NotProved:  # not there now, or not to be asked: it is tried again in a week
        return None


def _after(looked_at: list[int], answer: Read | Exception) -> int:
    """Writes down what was read; what could not be read stays as it was."""
    now, found = clock.now_ms(), answer if isinstance(answer, dict) else {}
    for pk in looked_at:
        seen = found.get(pk)
        known = {"handle": seen.handle[:200], "url": seen.url[:500]} if seen else {}
        Link.objects.filter(pk=pk, unlinked_at=0).update(read_at=now, **known)
    return now + SOON_MS
