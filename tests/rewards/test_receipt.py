"""Why +9: sums that add up, the limit's use, dates, the version of then, and a reason for every refusal."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from bankside.record import clock
from bankside.record.models import Entry
from bankside.rewards import fraud, receipt
from bankside.rewards.ledger.candidate import REASONS
from bankside.rewards.rules import programme as rules
from bankside.rewards.rules import walk
from bankside.rewards.rules.act import Act
from bankside.rewards.sums import parts_of
from tests.rewards import joined, living, said

pytestmark = pytest.mark.django_db
NOW = clock.from_iso("2026-11-24T10:00:00Z")


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(fraud, "AUDIT_PER_MILLE", 0)
    with clock.frozen(NOW):
        yield


@pytest.fixture
def minji() -> Any:
    said.channel()
    living.live()
    who = joined.member()
    joined.linked(who, "minji")
    return who


def answers(count: int) -> list[str]:
    entries = said.say(
        *(said.draft("minji", obj="a" * 32, url="https://social.example/said") for _ in range(count))
    )
    said.earn()
    return [f"e:{entry.n}" for entry in entries]


def test_why_nine(minji: Any) -> None:
    source = answers(3)[2]
    why = receipt.why(minji, source)
    [award] = why.awards
    assert (why.points, why.state, why.kind, why.network) == (9, "pending", "reply", joined.NETWORK)
    assert [(str(p.label), p.shown, p.points) for p in award.parts] == [
        ("Base", "", 5), ("the number of answers before it", "2 × 2", 4),
    ]  # fmt: skip
    assert award.cap == receipt.Cap(used=21, points=40, times_used=3, times=5, per="day")
    assert award.settles_at == clock.from_iso("2026-11-27T15:00:00Z")
    assert award.expires_month == (2026 - 1970) * 12 + 10 + 60
    assert (why.name, why.number, why.url) == ("social", 1, "https://social.example/said")
    assert why.entry == Entry.objects.get(n=int(source[2:])).rid
    assert award.sentence == "Pays for a reply."
    assert why.can == ("appeal", "wait")


def test_what_was_cut_says_by_which_limit(minji: Any) -> None:
    sources = answers(6)
    cut, over = receipt.why(minji, sources[4]), receipt.why(minji, sources[5])
    assert (cut.awards[0].asked, cut.points, cut.awards[0].reason) == (13, 8, receipt.reason_of("cap-points"))
    assert (over.points, over.state, over.awards[0].reason) == (0, "capped", receipt.reason_of("cap-times"))
    assert over.awards[0].settles_at == 0


def test_a_later_version_changes_no_receipt(minji: Any) -> None:
    source = answers(1)[0]
    before = receipt.why(minji, source)
    with clock.frozen(NOW + 1000):
        living.live(living.SMALL.replace("5 + 2 * depth", "1 + 7 * depth"))
        assert receipt.why(minji, source) == before


def test_the_list_is_by_act_newest_first_and_goes_on_before_a_moment(minji: Any) -> None:
    for number in range(4):
        with clock.frozen(NOW + number * 1000):
            answers(1)
    lines = receipt.listed(minji)
    assert [line.kind for line in lines] == ["reply"] * 4 + ["link"]
    assert [line.at for line in lines[:4]] == [NOW + n * 1000 for n in (3, 2, 1, 0)]
    assert [line.at for line in receipt.listed(minji, before=NOW + 2000, limit=1)] == [NOW + 1000]
    assert {line.state for line in lines} == {"pending"}


def test_nobody_sees_the_receipt_of_another(minji: Any) -> None:
    source = answers(1)[0]
    for who, name in ((joined.member(), source), (minji, "e:0"), (minji, "")):
        with pytest.raises(receipt.NoSuchReceipt):
            receipt.why(who, name)


def test_every_reason_has_words() -> None:
    assert set(REASONS) <= set(receipt.REASONS)
    assert receipt.reason_of("") == ""
    assert receipt.reason_of("something new")


EXPRESSIONS = [
    "5", "min(20, 5 + 2 * depth)", "max(3, depth - 4)", "min(300, 100 + tenure)", "30 + min(20, 5 * tier)",
    "depth * 3 - 7", "min(depth, tier, 9) + 1", "2 * (depth + 3) - max(1, tier)", "text_len - 500",
]  # fmt: skip


@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest.mark.parametrize("depth", [0, 1, 6, 20])
def test_the_parts_always_add_up(expression: str, depth: int) -> None:
    text = living.SMALL.replace("min(20, 5 + 2 * depth)", expression)
    found = rules.check(text)
    assert found.programme is not None, found.findings
    rule = found.programme.earn[0]
    seen = {"depth": depth, "tier": 2, "tenure": 250, "text_len": 80}
    act = Act(source="x", seq=1, member=1, network="", kind="reply", at=0, day=0, **seen)  # type: ignore[arg-type]
    points = walk.award(None, rule.points, act)
    assert sum(part.points for part in parts_of(rule, seen)) == points
    assert walk.award(None, rule.points, SimpleNamespace(**seen)) == points
