"""At midnight one entry ties all logs together and counts what came in on each channel."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from bankside.channels import alarms, day_end, standing
from bankside.channels.models import Channel, Item
from bankside.record import audit, clock, day_ties, jobs, seal
from bankside.record.append import append
from bankside.record.facts.channel_care import Reconciled
from bankside.record.facts.channels import ChannelPaused, ChannelResumed, GapRepaired
from bankside.record.facts.evidence import DayReconciled, LogEnd
from bankside.record.lane import lane_count
from bankside.record.log.leaf import parse
from bankside.record.models import Checkpoint, Entry, Job
from bankside.record.projection import payload_of
from tests.record.tally import say
from tests.record.tampered import let_rows_change

pytestmark = pytest.mark.django_db
MIDNIGHT = clock.from_iso("2026-11-28T15:00:00Z")  # of 29 November, in Seoul
HOUR, DAY = 3_600_000, 86_400_000


@pytest.fixture(autouse=True)
def desk(settings: Any, tmp_path: Path) -> None:
    settings.LOG_FOLDER, settings.ZONE = tmp_path / "log", "Asia/Seoul"
    settings.WITNESSES = settings.TIMESTAMPERS = settings.WORM_COPIES = ""


def channel(name: str, **fields: Any) -> Channel:
    return Channel.objects.create(network="practice", name=name, hook=name, **fields)


def item(on: Channel, number: int, via: str, at: int) -> None:
    Item.objects.create(channel=on, remote_id=str(number), via=via, received_at=at, state=Item.READ)


def told(fact: Any, key: str) -> None:
    with transaction.atomic():
        append(fact, key, actor="s:test", obj="a" * 32)


def a_day() -> tuple[Channel, Channel]:
    """Two channels, what came in on the 28th in Seoul, and a little before and after it."""
    one, two = channel("상담"), channel("微博", state=Channel.PAUSED)
    with clock.frozen(MIDNIGHT - 2 * HOUR):
        say("하나", "둘")
        told(GapRepaired(channel=one.obj, items=3), "gap")
        told(Reconciled(channel=one.obj, day="2026-11-27", seen=9, missing=2, whole=True), "again")
        told(Reconciled(channel=two.obj, day="2026-11-27", seen=9, missing=0, whole=False), "half")
        told(ChannelPaused(channel=two.obj, reason="quiet"), "paused")
        seal.seal_all()
    for number, (via, at) in enumerate(
        [("hook", MIDNIGHT - 1), ("hook", MIDNIGHT - DAY), ("poll", MIDNIGHT - HOUR), ("hook", MIDNIGHT),
         ("poll", MIDNIGHT - DAY - 1)]
    ):  # fmt: skip
        item(one, number, via, at)
    with clock.frozen(MIDNIGHT + 1):
        told(ChannelResumed(channel=two.obj), "resumed")
    return one, two


def facts() -> list[DayReconciled]:
    rows = Entry.objects.filter(fact="record.day-reconciled").order_by("n")
    return [payload_of(row.n) for row in rows]


def test_a_day_is_counted_from_midnight_to_midnight_of_the_desk() -> None:
    one, two = a_day()
    head = Checkpoint.objects.get(size__gt=0)
    with clock.frozen(MIDNIGHT + 2 * 60_000):
        assert day_end.plan() > 0
        jobs.run_due()
    [fact] = facts()
    assert (fact.day, fact.zone, fact.from_ms, fact.until_ms) == (
        "2026-11-28", "Asia/Seoul", MIDNIGHT - DAY, MIDNIGHT,
    )  # fmt: skip
    assert fact.logs == (LogEnd(lane=0, year=2026, rows=7, size=6, root=head.root),)
    counts = {c.channel: (c.by_hook, c.by_poll, c.repaired, c.missing, c.gaps_opened, c.gaps_closed, c.state)
              for c in fact.channels}  # fmt: skip
    assert counts == {one.obj: (2, 1, 3, 2, 2, 2, "open"), two.obj: (0, 0, 0, 0, 2, 0, "paused")}
    assert Entry.objects.get(fact="record.day-reconciled").type == "recon"


def test_one_a_day_however_often_it_is_tried() -> None:
    a_day()
    with clock.frozen(MIDNIGHT + 2 * 60_000):
        for _ in range(3):
            day_end.write(date(2026, 11, 28))
            Job.objects.filter(kind=day_end.JOB).delete()
            day_end.plan()
            jobs.run_due()
    assert len(facts()) == 1


def test_days_without_a_worker_are_written_later_and_make_a_chain() -> None:
    a_day()
    with clock.frozen(MIDNIGHT + 3 * DAY + HOUR):
        say("나흘 뒤")
        seal.seal_all()
        assert day_end.plan() == 5  # the 28th to the 1st, and today's end
        jobs.run_due()
    assert [one.day for one in facts()] == ["2026-11-28", "2026-11-29", "2026-11-30", "2026-12-01"]
    assert facts()[1].channels[0].by_hook == 1
    rows = list(Entry.objects.filter(fact="record.day-reconciled").order_by("n"))
    before = [parse(bytes(row.leaf)).get("prev", "") for row in rows]
    assert before == ["", *(row.rid for row in rows[:-1])]
    assert audit.audit().holds


def test_a_missing_day_is_an_alarm_and_stands_on_the_page() -> None:
    a_day()
    with clock.frozen(MIDNIGHT + HOUR):
        assert day_end.missing(clock.now_ms()) == []
    with clock.frozen(MIDNIGHT + 3 * HOUR):
        assert day_end.missing(clock.now_ms()) == ["2026-11-28"]
        days = [one for one in alarms.alarms() if one.kind == alarms.DAY]
        assert [one.words for one in days] == [
            "There is no entry that ties the logs together for 2026-11-28."
        ]
        assert [(line.day, line.n) for line in standing.now().days] == [("2026-11-28", 0)]
        day_end.plan()
        jobs.run_due()
        assert day_end.missing(clock.now_ms()) == []
        [line] = standing.now().days
        assert (line.rows, line.by_hook, line.by_poll, line.repaired, line.missing, line.open) == (
            7, 2, 1, 3, 2, 1,
        )  # fmt: skip


def test_a_desk_of_today_misses_no_day() -> None:
    with clock.frozen(MIDNIGHT + 3 * HOUR):
        Entry.objects.exists()
        assert day_end.missing(clock.now_ms()) == []


def test_a_log_that_was_written_anew_is_named_by_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 9, threat T2: rows, tiles and head agree with each other, and not with the day."""
    a_day()
    with clock.frozen(MIDNIGHT + 2 * 60_000):
        entry = day_end.write(date(2026, 11, 28))
    assert audit.audit().holds
    let_rows_change()
    with connection.cursor() as cursor:
        cursor.execute("update record_entry set hash = %s where seq = 1", [b"\0" * 32])
    found = {problem.place: problem.what for problem in audit.audit().problems}
    assert found[f"entry {entry.n}, the day 2026-11-28"] == "log 0/2026 had another root at 6 entries"


def test_a_day_that_was_taken_out_breaks_the_chain() -> None:
    """Fault 8."""
    a_day()
    with clock.frozen(MIDNIGHT + 2 * DAY + HOUR):
        days = [day_end.write(date(2026, 11, day)) for day in (28, 29, 30)]
    let_rows_change()
    with connection.cursor() as cursor:
        cursor.execute("delete from record_entry where n = %s", [days[1].n])
    told_of = [(p.place, p.what) for p in audit.audit().problems]
    place = f"entry {days[2].n}, the day 2026-11-30"
    assert (place, "does not follow the day that was reconciled before it") in told_of


def test_words_of_a_day_that_were_changed_stop_no_check() -> None:
    """Fault 7: the entry is named, and everything else is checked."""
    a_day()
    with clock.frozen(MIDNIGHT + 2 * 60_000):
        entry = day_end.write(date(2026, 11, 28))
    let_rows_change()
    with connection.cursor() as cursor:
        cursor.execute("update record_payload set body = %s where n = %s", [b"x" * 40, entry.n])
    [problem] = audit.audit().problems
    assert problem.place == f"log 0/2026 row {entry.seq}"


def test_all_lanes_are_in_it() -> None:
    with clock.frozen(MIDNIGHT - HOUR):
        for lane in range(min(3, lane_count())):
            say("하나", lane=lane)
        seal.seal_all()
    with clock.frozen(MIDNIGHT + 2 * 60_000):
        day_end.write(date(2026, 11, 28))
    assert [(log.lane, log.size) for log in facts()[0].logs] == [
        (lane, 1) for lane in range(min(3, lane_count()))
    ]
    assert [one.day for one in day_ties.days()] == ["2026-11-28"]
