"""What is too old is an alarm, from the first entry on that waits; what waits for nothing is as new."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bankside.channels import alarms, notary, standing
from bankside.channels.models import Notarised
from bankside.record import clock, cosigning, seal
from bankside.record.models import Witnessed
from tests.record.tally import say

pytestmark = pytest.mark.django_db
NOW = clock.from_iso("2026-11-29T06:00:00Z")


@pytest.fixture(autouse=True)
def desk(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A witness, an authority and a copy that have seen a log of two entries."""
    settings.LOG_FOLDER = tmp_path / "log"
    settings.WITNESSES = settings.TIMESTAMPERS = settings.WORM_COPIES = ""
    witness = cosigning.Witness("witness.example/w1", "http://127.0.0.1:1", ())
    monkeypatch.setattr(cosigning, "witnesses", lambda: [witness])
    monkeypatch.setattr(notary, "names", lambda kind: [f"a-{kind}"])
    with clock.frozen(NOW):
        say("하나", "둘")
        seal.seal_all()
    Witnessed.objects.create(name=witness.name, lane=0, year=2026, size=2, at=NOW)
    for kind in ("stamp", "copy"):
        Notarised.objects.create(kind=kind, name=f"a-{kind}", lane=0, year=2026, size=2, at=NOW)


def kinds(after_ms: int) -> set[str]:
    with clock.frozen(NOW + after_ms):
        return {one.kind for one in alarms.alarms()} - {alarms.DAY, alarms.SETTING}


def test_what_is_covered_does_not_grow_old() -> None:
    assert kinds(0) == set() and kinds(400 * 86_400_000) == set()


def test_each_has_its_limit_from_the_entry_that_waits() -> None:
    """Target 5: checkpoint 5 s, cosignature 10 min, time-stamp 1 h; a copy 15 min."""
    day = 86_400_000
    with clock.frozen(NOW + day):
        say("셋")
    for after, wanted in (
        (5_000, set()),
        (5_001, {alarms.CHECKPOINT}),
        (600_001, {alarms.CHECKPOINT, alarms.COSIGNED}),
        (900_001, {alarms.CHECKPOINT, alarms.COSIGNED, alarms.COPY}),
        (3_600_001, {alarms.CHECKPOINT, alarms.COSIGNED, alarms.COPY, alarms.STAMP}),
    ):
        assert kinds(day + after) == wanted
    seal.seal_all()
    assert kinds(day + 5_001) == set()
    Witnessed.objects.update(size=3)
    assert kinds(day + 3_600_001) == {alarms.COPY, alarms.STAMP}
    with clock.frozen(NOW + day + 3_600_001):
        [late] = [one for one in alarms.alarms() if one.kind == alarms.STAMP]
        assert late == (alarms.STAMP, "a-stamp has not stamped the newest of log 0/2026.", NOW + day)
        [stamp] = standing.now().stamps
        assert (stamp.late, stamp.logs, stamp.since) == (True, 1, NOW + day)
        [log] = standing.now().logs
        assert (log.entries, log.size, log.since) == (3, 3, 0)


def test_who_has_never_done_anything_waits_since_the_first_entry() -> None:
    Witnessed.objects.all().delete()
    assert kinds(600_000) == set() and kinds(600_001) == {alarms.COSIGNED}


def test_machines_are_told(client: Any) -> None:
    with clock.frozen(NOW + 86_400_000):
        say("셋")
    with clock.frozen(NOW + 86_400_000 + 700_000):
        said = client.get("/health").json()["evidence"]
        assert (said["checkpoint"], said["cosignature"], said["timestamp"], said["copy"]) == (1, 1, 0, 0)
        assert 'bankside_evidence_alarms{kind="cosignature"} 1' in client.get("/metrics").text


def test_one_authority_alone_is_an_alarm_and_two_or_none_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sheet asks for two (2.13). None at all is a desk that has not begun; the page says so itself."""

    def asked(names: list[str]) -> list[str]:
        monkeypatch.setattr(notary, "names", lambda kind: names if kind == Notarised.STAMP else [])
        return [one.words for one in alarms.alarms() if one.kind == alarms.SETTING]

    assert asked([]) == asked(["a", "b"]) == []
    assert asked(["authority"]) == ["Only one time-stamp authority is asked. Name a second: one may end."]
    with clock.frozen(NOW):
        assert not standing.now().stamps[0].late, "its name in those words says nothing of its age"
