"""Rules and assumptions: what is shipped is read, what is decided is in force at once, mistakes are named."""

from __future__ import annotations

import pytest

from bankside.measures import figures, period, places, rules
from bankside.measures.columns import PURPOSES
from bankside.measures.figures import Filters
from bankside.people import policy, staff
from bankside.people.models import Staff
from bankside.record import clock
from bankside.record.models import Entry
from tests.measures import generated
from tests.measures.test_figures import FIRST, LAST, ZONE, follow

SAVED = """
[[line]]
counts = "answered"
percent = 50
minutes = 10
[line.words]
nl = "Telefoontjes"
"""


def test_what_is_shipped_can_be_read() -> None:
    served = {line.purpose for line in rules.read_purposes(rules.shipped("purposes")).lines}
    assert served == set(PURPOSES)
    for saving in rules.read_savings(rules.shipped("savings")):
        assert set(saving.words) == set(rules.LANGUAGES)


@pytest.mark.parametrize(
    ("words", "purpose"),
    [
        ({"answers": True}, "contact"), ({"private": True}, "contact"),
        ({"topics": {"results"}}, "information"),
        ({"topics": {"community", "product"}}, "relations"), ({"topics": {"product"}}, "brand"),
        ({"kind": "article"}, "information"), ({}, "relations"),
    ],
)  # fmt: skip
def test_the_first_line_that_fits_decides(words: dict[str, object], purpose: str) -> None:
    said: dict[str, object] = {"answers": False, "private": False, "kind": "note", "topics": set()}
    said |= words
    assert rules.read_purposes(rules.shipped("purposes")).of(**said) == purpose  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "text", "why"),
    [
        ("purposes", "otherwise = ", "not TOML"),
        ("purposes", 'otherwise = "brand"', "1 to 50 lines"),
        ("purposes", 'otherwise = "fun"\n[[line]]\npurpose = "brand"', "otherwise must be one of contact"),
        ("purposes", 'otherwise = "brand"\n[[line]]\npurpose = "x"', "Line 1, purpose must be one of"),
        (
            "purposes",
            'otherwise = "brand"\n[[line]]\npurpose = "brand"\nwhen = 1',
            "Line 1, when: there is no",
        ),
        (
            "purposes",
            'otherwise = "brand"\n[[line]]\npurpose = "brand"\ntopics = ["z"]',
            "Line 1, topics must be",
        ),
        ("purposes", 'otherwise = "brand"\n[[line]]\npurpose = "brand"\nkinds = "note"', "must be a list"),
        (
            "purposes",
            'otherwise = "brand"\n[[line]]\npurpose = "brand"\nanswers = 1',
            "must be true or false",
        ),
        ("purposes", 'other = "brand"', "Nothing is called other"),
        ("purposes", "#" * 10_001, "longer than"),
        ("savings", SAVED.replace("50", "101"), "Line 1, percent must be a whole number from 0 to 100"),
        ("savings", SAVED.replace("10", "1.5"), "Line 1, minutes must be"),
        ("savings", SAVED.replace("answered", "opened"), "Line 1, counts must be one of"),
        ("savings", SAVED.replace("nl =", "fr ="), "Line 1, words: say what is meant"),
        ("savings", "line = 3", "under .*line"),
    ],
)
def test_mistakes_are_named(kind: str, text: str, why: str) -> None:
    with pytest.raises(rules.BadRule, match=why):
        rules.READERS[kind](text)


@pytest.fixture
def compliance(monkeypatch: pytest.MonkeyPatch) -> Staff:
    monkeypatch.setattr(clock, "_frozen_ms", clock._frozen_ms)
    return staff.add("liwang@hanul.example", "王立", role=policy.COMPLIANCE)


@pytest.mark.django_db
def test_what_is_decided_is_in_force_at_once_and_in_the_record(compliance: Staff) -> None:
    assert rules.since("savings") is None
    rules.write(compliance, "savings", SAVED.replace("\n", "\r\n"))
    decided = rules.since("savings")
    assert decided is not None and decided.actor == compliance.actor
    assert Entry.objects.get(n=decided.n).fact == "measures.rule-decided"
    [saving] = rules.savings()
    assert (saving.counts, saving.percent, saving.minutes) == ("answered", 50, 10)
    rules.write(compliance, "savings", rules.shipped("savings"))
    assert rules.text("savings") == rules.shipped("savings").strip() + "\n"
    assert Entry.objects.filter(fact="measures.rule-decided").count() == 2


@pytest.mark.django_db
def test_who_may_decide_and_what_is_refused_changes_nothing(compliance: Staff) -> None:
    author = staff.add("pieter@hanul.example", "Pieter Smit", role=policy.AUTHOR)
    with pytest.raises(policy.NotYours):
        rules.write(author, "savings", SAVED)
    with pytest.raises(rules.BadRule):
        rules.write(compliance, "savings", "x")
    with pytest.raises(KeyError):
        rules.write(compliance, "../settings", SAVED)
    assert rules.since("savings") is None


@pytest.mark.django_db
def test_figures_follow_the_rules(compliance: Staff) -> None:
    generated.desk(500)
    follow()
    span = period.chosen(FIRST, LAST, ZONE)

    def counted() -> figures.Figures:
        return figures.counted(span, Filters(), places.every())

    def one(id: str) -> figures.Figure:
        figure = counted().one(id)
        assert figure is not None
        return figure

    answered, solved = one("answered").part, one("solved").part
    assert one("minutes-saved").part == (solved * 30 * 45 + solved * 50 * 12) // 100
    rules.write(compliance, "savings", SAVED)
    assert one("minutes-saved").part == answered * 50 * 10 // 100
    assert sum(one(f"purpose-{name}").part for name in PURPOSES) == one("purpose-brand").base
    rules.write(compliance, "purposes", 'otherwise = "brand"\n[[line]]\npurpose = "contact"\nanswers = true')
    assert one("purpose-brand").part == one("posts").part
    assert counted().one("purpose-information") == figures.Figure(
        measure="purpose-information", key="", base=one("purpose-brand").base, part=0
    )
