from __future__ import annotations

import pytest

from bankside.people import policy, teams
from bankside.record.models import Entry
from tests.people.team import person, team

pytestmark = pytest.mark.django_db


def test_a_team_is_made_once_and_the_record_knows() -> None:
    first, second = teams.make("지점 지원", "Asia/Seoul"), teams.make("지점 지원", "Asia/Seoul")
    assert first == second
    assert Entry.objects.filter(fact="people.team-made", obj=first.obj).count() == 1
    assert teams.get("지점 지원") == teams.get(first.obj) == first


@pytest.mark.parametrize(
    ("name", "zone"), [("", "UTC"), ("x" * 81, "UTC"), ("北京", "Beijing"), ("A", "../x")]
)
def test_a_bad_team_is_refused(name: str, zone: str) -> None:
    with pytest.raises(teams.BadTeam):
        teams.make(name, zone)


def test_an_unknown_team_is_told_with_those_there_are() -> None:
    team("Utrecht")
    with pytest.raises(teams.NoSuchTeam, match="Utrecht"):
        teams.get("Delft")


def test_teams_of_somebody() -> None:
    seoul, utrecht = team("서울"), team("Utrecht")
    assert teams.of(person("author", team=seoul)) == [seoul]
    assert teams.of(person("author")) == [utrecht, seoul]
    assert teams.of(person()) == []


def test_only_an_administrator_makes_teams() -> None:
    with pytest.raises(policy.NotYours):
        teams.make("Delft", by=person("author"))
    assert teams.make("Delft", by=person("administrator")).name == "Delft"
