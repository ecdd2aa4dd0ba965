"""Terms: whole months, leap years, classes as data, and what is past its term (fault 46)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.record import audit, clock, projection
from bankside.record.append import Draft, append_many
from bankside.record.forgetting import covered, duties, expiring, holding, retention
from bankside.record.ids import new_id
from bankside.record.lane import lane_count
from bankside.record.log.leaf import parse
from bankside.record.models import Entry, Hold, Job, Payload, Term
from tests.inbox.story import Story, follow, rebuilt, tables
from tests.record.tally import WordSaid, make_table, say

OFFICER = "u:" + "1" * 32
DAY = 86_400_000
TWICE = "".join(f'[{name}]\nmonths = 1\nlaw = ""\nduty = false\nfalls_on = ["read"]\n' for name in "AB")


def ms(text: str) -> int:
    return clock.from_iso(f"{text}T00:00:00Z")


@pytest.mark.parametrize(
    ("day", "months", "last"),
    [
        ("2024-02-29", 120, "2034-03-01"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2024-02-28", 120, "2034-02-28"),
        ("2026-11-30", 3, "2027-03-01"),
        ("2026-01-31", 1, "2026-03-01"),
        ("2096-02-29", 48, "2100-03-01"),
    ],
)
def test_a_term_ends_with_the_last_day_of_whole_months(day: str, months: int, last: str) -> None:
    """2100 is no leap year."""
    assert retention.ends_ms(ms(day) + DAY - 1, months) == ms(last) + DAY


@settings(max_examples=300)
@given(
    t=st.integers(ms("1999-01-01"), ms("2110-01-01")),
    now=st.integers(ms("2000-01-01"), ms("2130-01-01")),
    months=st.integers(1, 240),
)
def test_what_is_past_is_found_by_one_comparison(t: int, now: int, months: int) -> None:
    assert (t < retention.past_before_ms(now, months)) == (retention.ends_ms(t, months) <= now)


@settings(max_examples=200)
@given(start=st.dates(date(2019, 1, 1), date(2105, 1, 1)), months=st.integers(1, 240))
def test_a_later_entry_never_ends_before_an_earlier_one(start: date, months: int) -> None:
    days = [datetime(d.year, d.month, d.day, tzinfo=UTC) for d in (start, start + timedelta(1))]
    at = [int(day.timestamp()) * 1000 for day in days]
    assert retention.ends_ms(at[0], months) <= retention.ends_ms(at[1], months)


def test_classes_are_data_and_a_wrong_file_says_what_is_wrong(tmp_path: Path, settings: Any) -> None:
    assert retention.class_of("record.hold-placed", "hold") == "KEEPING"
    assert retention.class_of("inbox.conversation-read", "read") == "READING-3Y"
    assert retention.class_of("channels.activity-received", "post.in") == ""
    for number, (text, what) in enumerate(
        [
            ("[x]\nmonths = 1", "no name"),
            ('[A]\nmonths = 1\nlaw = ""\nduty = false', "needs months"),
            ('[A]\nmonths = -1\nlaw = ""\nduty = false\nfalls_on = []', "whole number"),
            (TWICE, "under A and"),
            ("[A", "cannot be read"),
        ]
    ):  # fmt: skip
        settings.RETENTION_FILE = str(tmp_path / f"{number}.toml")
        Path(settings.RETENTION_FILE).write_text(text)
        with pytest.raises(retention.RetentionWrong, match=what):
            retention.classes()


@pytest.mark.django_db
def test_the_class_is_fixed_at_capture_and_a_term_only_grows(tmp_path: Path, settings: Any) -> None:
    settings.RETENTION_FILE = str(tmp_path / "one.toml")
    Path(settings.RETENTION_FILE).write_text(file_of(36))
    make_table()
    entry = say("woord")[0]
    assert parse(entry.leaf)["ret"] == "WORDS"
    assert duties.decide()
    assert not duties.decide()
    settings.RETENTION_FILE = str(tmp_path / "two.toml")
    Path(settings.RETENTION_FILE).write_text(file_of(12))
    assert duties.terms()["WORDS"] == 36
    settings.RETENTION_FILE = str(tmp_path / "three.toml")
    Path(settings.RETENTION_FILE).write_text(file_of(60))
    assert duties.decide()
    assert Term.objects.get(name="WORDS").months == 60
    settings.RETENTION_FILE = str(tmp_path / "four.toml")
    Path(settings.RETENTION_FILE).write_text(file_of(0))
    assert duties.terms()["WORDS"] == 0
    assert Entry.objects.filter(fact="record.retention-decided", type="config").count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("many", [2_500, pytest.param(20_000, marks=pytest.mark.long)])
def test_a_night_of_expiries_keeps_what_is_held_and_says_what_is_gone(many: int) -> None:
    """Fault 46, at 20,000 with --long: one in fifty is held; all others past their term are gone."""
    held = new_id()
    with clock.frozen(ms("2024-02-29")):
        for start in range(0, many, 1000):
            with transaction.atomic():
                append_many([_said(n, held) for n in range(start, min(start + 1000, many))])
    with clock.frozen(ms("2024-03-02")):
        young = say("young")[0]
    with clock.frozen(ms("2034-03-01") + DAY - 1):
        assert expiring.past(10) == 0
        run(expected=0)
    with clock.frozen(ms("2034-03-02")):
        assert expiring.past(10) == 10
        holding.place(OFFICER, Hold.OBJECT, held, "a case")
        run()
        old = Entry.objects.filter(key__startswith="e:")
        assert Payload.objects.filter(n__in=old.filter(obj=held).values("n")).count() == many // 50
        assert Payload.objects.filter(n=young.n).exists()
        assert not Payload.objects.filter(n__in=old.exclude(obj=held).values("n")).exists()
        expired = Entry.objects.filter(fact=covered.EXPIRED).values_list("n", flat=True)
        told = [projection.payload_of(n) for n in expired]
        runs = [run for fact in told for run in zip(fact.firsts, fact.lasts, strict=True)]
        counted = sum(last - first + 1 for first, last in runs)
        assert counted == many - many // 50
        assert audit.audit().problems == []
        run(expected=0)


def _said(n: int, held: str) -> Draft:
    obj = held if n % 50 == 0 else new_id()
    return Draft(fact=WordSaid(word=str(n)), key=f"e:{n}", actor="s:test", obj=obj)


@pytest.mark.django_db
def test_what_expired_leaves_the_tables_and_they_are_those_of_a_rebuild() -> None:
    with clock.frozen(ms("2020-05-01")):
        story = Story()
        story.seen("오래된 말 marker-8")
        follow()
    with clock.frozen(ms("2030-05-02")):
        run()
        late = story.seen("새 말", "comment:20", who="Sanne de Vries")
        follow()
        assert [m.text for m in story.messages()] == ["", "새 말"]
        assert late.n
        assert tables() == rebuilt()
        assert audit.audit().problems == []


@pytest.mark.django_db
def test_the_job_goes_on_where_it_was_and_comes_again_tomorrow(monkeypatch: pytest.MonkeyPatch) -> None:
    make_table()
    with clock.frozen(ms("2020-05-01")):
        say(*(f"w{n}" for n in range(30)))
    with clock.frozen(ms("2031-01-01")):
        expiring.plan()
        job = Job.objects.get(kind=expiring.JOB)
        assert job.due_at == ms("2031-01-02")
        monkeypatch.setattr(expiring, "SECONDS_MAX", 0.0)
        assert expiring._expire(job) is not None
        for _ in range(50):
            due = expiring._expire(job)
            if isinstance(due, int) and due > clock.now_ms():
                break
        assert due == ms("2031-01-02")
        words = Entry.objects.filter(fact="tally.word-said").values("n")
        assert not Payload.objects.filter(n__in=words).exists()


def test_runs() -> None:
    assert expiring.runs([3, 4, 5, 9, 11, 12]) == ((3, 9, 11), (5, 9, 12))
    assert expiring.runs([]) == ((), ())


def run(expected: int | None = None) -> None:
    """A night, all lanes."""
    done = 0
    for lane in range(lane_count()):
        place: tuple[int, int] | None = (0, -1)
        while place is not None:
            count, place = expiring.expire(lane, place)
            done += count
    assert expected is None or done == expected


def file_of(months: int) -> str:
    return (
        f'[WORDS]\nmonths = {months}\nduty = false\nlaw = "a test"\nfalls_on = ["tally."]\n'
        '[DEFAULT-10Y]\nmonths = 120\nduty = false\nlaw = "own"\nfalls_on = []\n'
    )
