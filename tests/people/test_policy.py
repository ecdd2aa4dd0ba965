from __future__ import annotations

import pytest

from bankside.people import policy
from bankside.people import staff as people
from bankside.people.models import Team
from bankside.record import rules_in_force
from tests.people.team import person, team


def test_every_act_has_words_and_known_roles() -> None:
    assert set(policy.ACTS) == set(policy.TABLE)
    for act, roles in policy.TABLE.items():
        assert roles and roles <= set(policy.ROLES), act


@pytest.mark.parametrize("act", [a for a in policy.TABLE if a.startswith(("conversation", "reply", "post"))])
def test_an_administrator_reaches_no_words_of_customers_or_authors(act: str) -> None:
    assert policy.ADMINISTRATOR not in policy.TABLE[act]


def test_an_auditor_sees_takes_copies_and_changes_nothing() -> None:
    acts = {act for act, roles in policy.TABLE.items() if policy.AUDITOR in roles}
    assert {act.split(".")[1] for act in acts} == {"see", "read", "export"}


def test_whoever_writes_never_approves_by_the_same_role() -> None:
    assert not policy.TABLE["post.write"] & policy.TABLE["post.approve"]
    assert not policy.TABLE["conversation.reply"] & policy.TABLE["reply.approve"]
    assert not policy.TABLE["post.write"] & policy.TABLE["delivery.decide"]


@pytest.mark.django_db
def test_default_is_deny() -> None:
    nobody = person()
    assert not any(policy.may(nobody, act) or policy.teams_with(nobody, act) for act in policy.TABLE)
    with pytest.raises(KeyError):
        policy.may(nobody, "post.print")


@pytest.mark.django_db
@pytest.mark.parametrize("role", policy.ROLES)
def test_a_role_of_a_team_reaches_that_team_alone(role: str) -> None:
    seoul, utrecht = team("서울"), team("Utrecht")
    hers, desk_wide = person(role, team=seoul), person(role)
    for act, roles in policy.TABLE.items():
        allowed = role in roles
        assert policy.may(hers, act, seoul) is allowed
        assert not policy.may(hers, act, utrecht)
        assert not policy.may(hers, act, None)
        assert [policy.may(desk_wide, act, t) for t in (seoul, utrecht, None)] == [allowed] * 3


@pytest.mark.django_db
def test_teams_with_gives_the_rows_of_her_teams() -> None:
    seoul, utrecht = team("서울"), team("Utrecht")
    hers = policy.teams_with(person("author", team=seoul), "post.write")
    assert list(Team.objects.filter(hers.where("pk"))) == [seoul]
    desk_wide = policy.teams_with(person("author"), "post.write")
    assert set(Team.objects.filter(desk_wide.where("pk"))) == {seoul, utrecht}
    nowhere = policy.teams_with(person("responder"), "post.write")
    assert not nowhere
    assert not Team.objects.filter(nowhere.where("pk")).exists()


@pytest.mark.django_db
def test_a_refusal_names_the_act_and_who_may() -> None:
    with pytest.raises(policy.NotYours, match=r"approve posts.*Approver, Compliance") as refused:
        policy.require(person("author"), "post.approve")
    assert refused.value.act == "post.approve"
    with pytest.raises(policy.NotYours):
        policy.require_somewhere(person("author"), "post.approve")
    policy.require_somewhere(person("approver", team=team()), "post.approve")


@pytest.mark.django_db
def test_a_role_counts_as_soon_as_it_is_given_and_not_after_it_is_taken() -> None:
    staff = person()
    assert not policy.may(staff, "post.write")
    people.give_role(staff, "author")
    assert policy.may(staff, "post.write")
    people.take_role(staff, "author")
    assert not policy.may(staff, "post.write")


def test_another_table_is_another_rule_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    policy.contribute()
    before = rules_in_force.fingerprint()
    with monkeypatch.context() as patched:
        patched.setitem(policy.TABLE, "post.write", frozenset({"auditor"}))
        policy.contribute()
        assert rules_in_force.fingerprint() != before
    policy.contribute()
    assert rules_in_force.fingerprint() == before
