"""Institutions are looked at one after the other by the worker, and at the end there is a study."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bankside.channels import observed as outside
from bankside.measures import study_looking, study_reports
from bankside.measures.models import Looking, Study
from bankside.measures.observation.institution import Institution
from bankside.measures.study_imports import FileWrong
from bankside.people.models import Staff
from bankside.people.policy import NotYours
from bankside.record import jobs
from tests.measures.studied import author
from tests.networks.corpus import PLANTED
from tests.people.team import person

pytestmark = pytest.mark.django_db
LINES = (
    "Noord Bank; bank; https://noord.example/\nZuid Bank; bank; zuid.example|https://nieuws.zuid.example/\n"
)

# Somebody's account on a network, as pages write it.
NETWORK = next(iter(PLANTED))
ADDRESS = PLANTED[NETWORK]["ways"][1][0].replace("{h}", "noordbank")


@pytest.fixture
def staff() -> Staff:
    return author()


def pretended(known: Callable[[Institution], dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    return lambda who, addresses, folder: known(who)


def one_account(who: Institution) -> dict[str, Any]:
    line = f'{{"institution": "{who.name}", "own": true, "account": {{"network": "{NETWORK}"}}}}'
    record = {"institution": who.name, "sector": who.sector, "networks": NETWORK}
    return {"name": who.name, "pages": 3, "record": record, "evidence": [line]}


def run(rounds: int = 5) -> None:
    for _ in range(rounds):
        jobs.run_due()


def test_a_list_becomes_a_study(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study_looking, "visited", pretended(one_account))
    row = study_looking.start(staff, title="Seen", lines=LINES)
    jobs.run_due()
    assert len(study_looking.get_visible(staff, row.obj).seen) == 1
    run()
    row = study_looking.get_visible(staff, row.obj)
    assert row.state == Looking.DONE and row.study is not None and row.study.source == Study.OBSERVATION
    assert study_reports.report_of(row.study).institutions == 2
    assert study_looking.visible_to(staff) == []


def test_a_visit_that_fails_stops_nobody_else(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    def visit(who: Institution) -> dict[str, Any]:
        if who.name == "Noord Bank":
            raise OSError("no line")
        return one_account(who)

    monkeypatch.setattr(study_looking, "visited", pretended(visit))
    row = study_looking.start(staff, title="", lines=LINES)
    run()
    row.refresh_from_db()
    assert [one["pages"] for one in row.seen] == [0, 3] and row.state == Looking.DONE


def test_looking_is_stopped_and_makes_no_study(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study_looking, "visited", pretended(one_account))
    row = study_looking.start(staff, title="", lines=LINES)
    jobs.run_due()
    study_looking.stop(staff, row.obj)
    run()
    row.refresh_from_db()
    assert row.state == Looking.STOPPED and len(row.seen) == 1 and not Study.objects.exists()


@pytest.mark.parametrize("lines", ["", "Noord Bank", "Noord Bank; bank; nowhere", LINES + LINES])
def test_a_list_that_cannot_be_looked_at_is_refused(staff: Staff, lines: str) -> None:
    with pytest.raises(FileWrong):
        study_looking.start(staff, title="", lines=lines)
    assert not Looking.objects.exists()


def test_only_who_manages_studies_looks(staff: Staff) -> None:
    with pytest.raises(NotYours):
        study_looking.start(person("auditor"), title="", lines=LINES)
    with pytest.raises(study_looking.NoSuchLooking):
        study_looking.get_visible(staff, "0" * 32)


def test_what_a_visit_brings(tmp_path: Path) -> None:
    body = f'<html><body><footer><a href="{ADDRESS}">films</a></footer></body></html>'.encode()
    kept = outside.Kept(url="https://noord.example/", at_ms=1, status=200, content_type="text/html")

    class Pretended:
        def visit(self, *_: object) -> outside.Visit:
            return outside.Visit(pages=((kept, body),), refused=())

    who = Institution(name="Noord Bank", sector="bank", hosts=("noord.example",))
    came = study_looking.visited(who, ("https://noord.example/",), tmp_path, lambda _: Pretended())  # type: ignore[arg-type,return-value]
    assert came["pages"] == 1 and came["record"]["networks"] == NETWORK and len(came["evidence"]) == 1
