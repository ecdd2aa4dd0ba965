"""You and your peers: from the latest published study that we are in, and under which names."""

from __future__ import annotations

import pytest

from bankside.measures import peers, studies, study_imports, study_reports
from bankside.measures.models import Study
from bankside.people.models import Staff
from tests.measures.studied import CSV, NAMES, author, opened
from tests.people.team import person

pytestmark = pytest.mark.django_db


def published(staff: Staff, *, us: str = "Hanul Bank", anonymous: bool = True) -> Study:
    study = opened(staff)
    study_imports.take(staff, study.obj, CSV.encode(), "a.csv")
    studies.set_up(staff, study.obj, us=us, anonymous=anonymous)
    studies.close(staff, study.obj)
    return study_reports.publish(staff, study.obj)


def test_our_place_in_each_question() -> None:
    staff = author()
    study = published(staff)
    found = peers.latest(staff, "nl")
    assert found is not None and found.study == study.obj and found.institutions == 6
    networks, people, value = found.strips
    assert networks.title == "Welke?" and networks.ours == 2 and str(networks.said) == "joint place 1 of 4"
    assert sorted(number for _, number in networks.peers) == [0, 1, 2] and networks.middle == 1
    assert (people.rank, people.of, people.joint, people.middle) == (1, 4, False, 3)
    assert value.ours == 5 and value.of == 5


def test_peers_stand_under_labels_unless_names_are_published() -> None:
    staff = author()
    published(staff)
    hidden = peers.latest(staff, "en")
    assert hidden is not None and not {name for one in hidden.strips for name, _ in one.peers} & set(NAMES)
    published(staff, anonymous=False)
    named = peers.latest(staff, "en")
    assert named is not None and {name for one in named.strips for name, _ in one.peers} <= set(NAMES)


def test_without_a_study_that_we_are_in_there_is_nothing() -> None:
    staff = author()
    assert peers.latest(staff, "en") is None
    published(staff, us="Nobody's Bank")
    assert peers.latest(staff, "en") is None
    published(staff)
    assert peers.latest(staff, "en") is not None and peers.latest(person("responder"), "en") is None
