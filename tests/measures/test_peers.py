"""You and your peers: the latest published study that we are in, its middle and quarters, nobody too few."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from bankside.measures import peers, studies, study_imports, study_observed, study_reports
from bankside.measures.models import Study
from bankside.measures.study.read_definition import define
from bankside.measures.study.responses import from_records
from bankside.measures.study.standing import standing
from bankside.people.models import Staff
from tests.measures.studied import CSV, author, opened
from tests.people.team import person

SEEN = """
[study]
title = "Seen"
year = 2026

[[question]]
id = "read_on"
kind = "multi"
options = ["a", "b"]
text = "Read on"

[[question]]
id = "answer_minutes"
kind = "number"
min = 0
text = "Minutes"

[[question]]
id = "posts_per_week"
kind = "number"
min = 0
text = "Posts a week"
"""
ROWS = """institution,sector,read_on,answer_minutes,posts_per_week
Hanul Bank,bank,a,30,4
B,bank,a|b,10,1
C,bank,a,20,2
D,bank,a,40,3
E,bank,a,50,5
F,bank,a,60,6
G,bank,a,,7
"""


def published(staff: Staff, *, us: str = "Hanul Bank", anonymous: bool = True) -> Study:
    study = opened(staff)
    study_imports.take(staff, study.obj, CSV.encode(), "a.csv")
    studies.set_up(staff, study.obj, us=us, anonymous=anonymous)
    studies.close(staff, study.obj)
    return study_reports.publish(staff, study.obj)


def observed(staff: Staff, rows: str = ROWS) -> Study:
    study = study_observed.keep(staff, SEEN, rows.encode(), b"")
    studies.set_up(staff, study.obj, us="Hanul Bank", anonymous=False)
    return study_reports.publish(staff, study.obj)


@pytest.mark.django_db
def test_our_place_in_each_question() -> None:
    staff = author()
    study = published(staff)
    found = peers.latest(staff, "nl")
    assert found is not None and found.study == study.obj and found.institutions == 6
    networks, people, value = found.strips
    assert networks.title == "Welke?" and networks.ours == 2 and str(networks.said) == "joint place 1 of 4"
    assert networks.peers == (0, 1, 2) and networks.middle == 1
    assert (people.rank, people.of, people.joint, people.middle) == (1, 4, False, 3)
    assert value.ours == 5 and value.of == 5
    assert all(one.half is None for one in found.strips), "two peers on each side of the middle are too few"


@pytest.mark.django_db
def test_an_observation_comes_first_and_shows_middle_and_quarters() -> None:
    staff = author()
    study = observed(staff)
    published(staff)  # later, but what institutions say of themselves
    found = peers.latest(staff, "en")
    assert found is not None and (found.study, found.source) == (study.obj, Study.OBSERVATION)
    posts, minutes = found.strips
    assert [one.question for one in found.strips] == ["posts_per_week", "answer_minutes"]
    low, _, high = statistics.quantiles([1, 2, 3, 5, 6, 7], n=4, method="inclusive")
    assert (posts.middle, posts.half, str(posts.said)) == (4, (low, high), "place 4 of 7")
    assert (minutes.middle, minutes.half) == (40, None) and minutes.quick_right
    assert str(minutes.said) == "place 3 of 6", "the quickest is first"


@pytest.mark.django_db
def test_too_few_peers_are_not_shown() -> None:
    staff = author()
    observed(staff, "\n".join(ROWS.splitlines()[:4]) + "\n")
    assert peers.latest(staff, "en") is None


@pytest.mark.django_db
def test_without_a_study_that_we_are_in_there_is_nothing() -> None:
    staff = author()
    assert peers.latest(staff, "en") is None
    published(staff, us="Nobody's Bank")
    assert peers.latest(staff, "en") is None
    published(staff)
    assert peers.latest(staff, "en") is not None and peers.latest(person("responder"), "en") is None


@settings(max_examples=40)
@given(some.lists(some.integers(0, 9), max_size=14), some.integers(0, 9), some.integers(1, 5))
def test_nothing_is_shown_of_fewer_than_a_cell_may_have(theirs: list[int], ours: int, least: int) -> None:
    told = {"study": {"title": "t", "year": 2026, "suppress": least}}
    question = {"id": "n", "kind": "number", "min": 0, "text": "n"}
    records = [{"institution": f"i{place}", "n": str(value)} for place, value in enumerate([ours, *theirs])]
    study = from_records(define({**told, "question": [question]}, "study.toml"), records)
    places = peers._chosen(standing(study, "i0"), least)
    assert bool(places) == (len(theirs) >= least)
    for one in places:
        strip = peers._strip(one, least, "en")
        assert strip.middle == statistics.median(theirs)
        assert (strip.half is not None) == (len(theirs) // 2 >= least)
        if strip.half and len(theirs) > 1:
            low, _, high = statistics.quantiles(theirs, n=4, method="inclusive")
            assert strip.half == pytest.approx((low, high))
