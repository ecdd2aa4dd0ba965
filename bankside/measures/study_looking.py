"""A study from observation, made by the desk: the public pages of institutions, one after the other.

Each visit is an errand of the worker: it fetches politely (`channels/observed.py`), reads what it got
(`measures/observation`) and touches no database. When all were looked at, the pages are put into one WARC
file beside what was fetched, which anybody can look at again, and the study is made of what was seen.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from bankside.channels import observed as outside
from bankside.channels.places import KnownPlace, known_places
from bankside.measures import study_observed, study_posts
from bankside.measures.models import Looking
from bankside.measures.observation import capture
from bankside.measures.observation import study as observation
from bankside.measures.observation.addresses import Addresses
from bankside.measures.observation.institution import Institution, accounts
from bankside.measures.observation.institutions import NotAList, listed
from bankside.measures.observation.leads import leads
from bankside.measures.observation.page import observed
from bankside.measures.study.sheet import table_of
from bankside.measures.study.trouble import Trouble
from bankside.measures.study_imports import FileWrong
from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import clock, jobs
from bankside.record.models import Job
from bankside.said import Said

JOB: Final = "measures.look"
INSTITUTIONS_MAX: Final = 200
TEXT_BYTES_MAX: Final = 200_000
TITLE_CHARACTERS_MAX: Final = 200
LEASE_SECONDS: Final = 400  # a visit takes three minutes at most, and then what it got is read
LOOKINGS_SHOWN_MAX: Final = 50
CAPTURE: Final = "pages.warc.gz"
HEADINGS: Final = b"institution;sector;address\n"


class NoSuchLooking(LookupError):
    """There is no such list of institutions that are looked at."""


def start(staff: Staff, *, title: str, lines: str, posts: bool = False) -> Looking:
    """Begins to look at institutions, a line `name; sector; address` each. Raises FileWrong, NotYours.

    `posts`: what they say in public on the networks that are found is counted too.
    """
    policy.require(staff, "studies.manage")
    body = HEADINGS + lines.replace("\r\n", "\n").encode()[:TEXT_BYTES_MAX]
    try:
        found = listed(table_of(body, "institutions.csv"))
    except NotAList as wrong:
        raise _wrong(wrong.args[0]) from None
    if not 0 < len(found) <= INSTITUTIONS_MAX:
        raise _wrong(Said("Write 1 to %(number)s institutions, one on each line.", number=INSTITUTIONS_MAX))
    with transaction.atomic():
        row = Looking.objects.create(
            title=title.strip()[:TITLE_CHARACTERS_MAX] or "Networks that institutions use", author=staff,
            institutions=[[who.name, who.sector, list(addresses)] for who, addresses in found],
            made_at=clock.now_ms(),
        )  # fmt: skip
        jobs.enqueue(JOB, f"{JOB}:{row.obj}", due_ms=row.made_at, data={"looking": row.obj, "posts": posts})
    return row


def get_visible(staff: Staff, obj: str) -> Looking:
    """One of them, with how far it is; raises NoSuchLooking."""
    policy.require(staff, "studies.manage")
    row = Looking.objects.select_related("study").filter(obj=obj).first()
    if row is None:
        raise NoSuchLooking(Said("Nothing is being looked at under this address."))
    return row


def visible_to(staff: Staff) -> list[Looking]:
    """Those that run or were stopped, newest first."""
    policy.require(staff, "studies.manage")
    return list(Looking.objects.exclude(state=Looking.DONE).order_by("-pk")[:LOOKINGS_SHOWN_MAX])


def stop(staff: Staff, obj: str) -> Looking:
    """No further institution is looked at, and no study is made. Twice is once."""
    row = get_visible(staff, obj)
    Looking.objects.filter(pk=row.pk, state=Looking.RUNNING).update(state=Looking.STOPPED)
    return row


@jobs.handler(JOB)
def look(job: Job) -> jobs.Errand[dict[str, Any]] | None:
    """The next institution; after the last one, the study."""
    row = Looking.objects.select_related("author").filter(obj=str(job.data["looking"])).first()
    if row is None or row.state != Looking.RUNNING:
        return None
    place, folder = len(row.seen), Path(settings.DATA) / "observed" / row.obj
    if place >= len(row.institutions):
        return jobs.Errand(
            work=partial(captured, folder), after=partial(_made, row.obj), lease_seconds=LEASE_SECONDS
        )
    name, sector, addresses = row.institutions[place]
    who = Institution(name=name, sector=sector, hosts=tuple(_hosts(addresses)))
    visit = partial(visited, who, tuple(addresses), folder)
    return jobs.Errand(
        work=partial(study_posts.after, visit) if job.data.get("posts") else visit,
        after=partial(_after, row.obj, place, name), lease_seconds=LEASE_SECONDS,
    )  # fmt: skip


def visited(
    who: Institution,
    addresses: tuple[str, ...],
    folder: Path,
    collector: Callable[[Path], outside.Collector] = outside.Collector,
) -> dict[str, Any]:
    """What the pages of an institution show: its row of responses.csv, and evidence. Asks no database."""
    table, found = _table(), []
    visit = collector(folder).visit(addresses[0], lambda _, body: leads(body), _hosts(addresses))
    for kept, body in visit.pages:
        found.append(
            observed(body, table, address=kept.url, content_type=kept.content_type, at_ms=kept.at_ms)
        )
    one = observation.Observed(who=who, pages=len(found), accounts=accounts(who, found, table))
    lines = [line.decode() for line in observation.evidence([one])]
    return {"name": who.name, "pages": len(found), "record": observation.record(one), "evidence": lines}


def captured(folder: Path) -> dict[str, Any]:
    """Writes CAPTURE in the folder of a look: its pages as WARC, kept as long as what was fetched is."""
    pages = outside.Collector(folder).pages()
    return {"pages": capture.write(folder / CAPTURE, pages, agent=outside.agent())}


def _made(obj: str, _: dict[str, Any] | Exception) -> None:
    """The study, also where the file could not be written: what was fetched lies there all the same."""
    row = Looking.objects.select_related("author").filter(obj=obj, state=Looking.RUNNING).first()
    if row is not None:
        _make(row)


def _after(obj: str, place: int, name: str, came: dict[str, Any] | Exception) -> int | None:
    """Keeps what came of a visit; one that failed is an institution of which nothing was seen."""
    if isinstance(came, Exception):
        came = {"name": name, "pages": 0, "record": {"institution": name}, "evidence": []}
    with transaction.atomic():
        row = Looking.objects.select_for_update().filter(obj=obj, state=Looking.RUNNING).first()
        if row is None:
            return None
        if len(row.seen) == place:
            row.seen = [*row.seen, came]
            row.save(update_fields=["seen"])
    return clock.now_ms()


def _make(row: Looking) -> None:
    """The study of what was seen. Where that cannot be, nothing was seen at all, or its author has left."""
    year = str(datetime.fromtimestamp(clock.now_ms() / 1000, UTC).year)
    posts_on = study_posts.networks_of(row.seen)
    told = observation.definition(
        _places(), title=row.title, year=year, with_posts=posts_on is not None, posts_on=posts_on or ()
    )
    names = ["institution", "sector", *(question["id"] for question in told["question"])]
    lines = [names, *([one["record"].get(name, "") for name in names] for one in row.seen)]
    evidence = "\n".join(line for one in row.seen for line in study_posts.evidence_of(one))
    with transaction.atomic():
        held = Looking.objects.select_for_update(of=("self",)).get(pk=row.pk)
        try:
            with transaction.atomic():
                body = study_observed.as_responses(lines)
                held.study = study_observed.keep(row.author, observation.toml(told), body, evidence.encode())
            held.state = Looking.DONE
        except (policy.NotYours, ValueError):
            held.state = Looking.STOPPED
        held.save(update_fields=["study", "state"])


def _hosts(addresses: list[str] | tuple[str, ...]) -> list[str]:
    return sorted({host for one in addresses for host in outside.hosts_of(one)})


@lru_cache(maxsize=1)
def _places() -> tuple[KnownPlace, ...]:
    return known_places()


@lru_cache(maxsize=1)
def _table() -> Addresses:
    return Addresses(_places())


def _wrong(message: Said) -> FileWrong:
    return FileWrong((Trouble(file="institutions", message=message),))
