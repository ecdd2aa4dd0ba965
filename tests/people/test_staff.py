from __future__ import annotations

import subprocess
import sys

import pytest

from bankside.people import policy, tokens
from bankside.people import staff as people
from bankside.people.models import Staff
from bankside.record.models import Entry
from bankside.record.projection import payload_of
from tests.people.team import person, team

pytestmark = pytest.mark.django_db


def facts_about(staff: Staff) -> list[str]:
    return list(Entry.objects.filter(obj=staff.uid).order_by("n").values_list("fact", flat=True))


def test_somebody_is_added_with_a_role_and_the_record_knows() -> None:
    staff = people.add("Minji@Hanul.Example", "김민지", role="author", team=team("서울"), language="ko")
    assert (staff.email, staff.language, staff.is_active) == ("minji@hanul.example", "ko", True)
    assert facts_about(staff) == ["people.staff-added", "people.role-given"]
    entry = Entry.objects.get(obj=staff.uid, fact="people.staff-added")
    assert payload_of(entry.n).name == "김민지"
    assert entry.actor == "s:setup"
    assert b"hanul.example" not in bytes(entry.leaf)


@pytest.mark.parametrize(
    ("email", "name", "password"),
    [
        ("nobody", "王芳", None),
        ("a@b.nl", " ", None),
        ("a@b.nl", "王芳", "short"),
        ("a@b.nl", "x" * 121, None),
    ],
)
def test_what_cannot_be_used_is_refused_with_words(email: str, name: str, password: str | None) -> None:
    with pytest.raises(people.BadStaff, match=r"\w"):
        people.add(email, name, password=password)
    assert not Staff.objects.exists()


def test_the_same_address_is_not_added_twice() -> None:
    people.add("daan@hanul.example", "Daan de Vries")
    with pytest.raises(people.AlreadyHere):
        people.add("DAAN@hanul.example", "Daan")


def test_an_unknown_role_is_refused_and_nobody_is_added() -> None:
    with pytest.raises(people.NoSuchRole, match="administrator"):
        people.add("daan@hanul.example", "Daan", role="king")
    assert not Staff.objects.exists()


def test_roles_are_given_once_and_again_after_they_were_taken() -> None:
    staff = person()
    assert people.give_role(staff, "author") is True
    assert people.give_role(staff, "author") is False
    assert people.take_role(staff, "author") is True
    assert people.take_role(staff, "author") is False
    assert people.give_role(staff, "author") is True
    assert facts_about(staff)[1:] == ["people.role-given", "people.role-taken", "people.role-given"]


def test_only_an_administrator_manages_people() -> None:
    author, administrator = person("author"), person("administrator")
    for act in (
        lambda: people.add("x@hanul.example", "X", by=author),
        lambda: people.give_role(author, "approver", by=author),
        lambda: people.take_role(administrator, "administrator", by=author),
        lambda: people.leave(administrator, by=author),
    ):
        with pytest.raises(policy.NotYours):
            act()
    added = people.add("y@hanul.example", "Y", role="auditor", by=administrator)
    assert Entry.objects.filter(obj=added.uid, actor=administrator.actor).count() == 2


def test_whoever_left_may_nothing_any_more() -> None:
    staff = people.add("emma@hanul.example", "Emma Jansen", role="author", password="a long enough secret")
    token = tokens.make(staff, "script")
    assert people.leave(staff) is True
    assert people.leave(staff) is False
    assert not policy.may(staff, "post.write")
    assert not policy.may(Staff.objects.get(pk=staff.pk), "post.write")
    assert tokens.staff_of(token) is None
    assert not Staff.objects.get(pk=staff.pk).has_usable_password()
    with pytest.raises(people.NoSuchStaff):
        people.by_email(staff.email)
    with pytest.raises(people.NoSuchStaff):
        people.by_uid(staff.uid)
    assert people.named([staff.uid])[staff.uid].name == "Emma Jansen"
    assert facts_about(staff)[-1] == "people.staff-left"


def test_with_act_names_those_who_may() -> None:
    seoul = team("서울")
    a = person("responder", team=seoul, name="Anna")
    b = person("responder", name="Bart")
    person("responder", team=team("Utrecht"), name="Carla")
    person("auditor", name="Dirk")
    assert list(people.with_act("conversation.reply", seoul)) == [a, b]
    assert list(people.with_act("conversation.reply")) == [b]


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Emma Jansen", "EJ"), ("김민지", "민지"), ("王芳", "王芳"), ("Daan de Vries", "DV"), ("grace", "G"),
     ("민", "민"), ("김 민지", "김민")],
)  # fmt: skip
def test_initials(name: str, letters: str) -> None:
    assert people.initials(name) == letters


def test_outside_of_tests_a_password_is_hashed_often_enough() -> None:
    """Django's own number, which grows with its versions; tests take a small one (tests/conftest.py)."""
    asked = "import django; django.setup(); from django.contrib.auth.hashers import get_hasher as g; "
    asked += "print(g().algorithm, g().iterations)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    algorithm, times = done.stdout.split()
    assert algorithm == "pbkdf2_sha256"
    assert int(times) >= 600_000
