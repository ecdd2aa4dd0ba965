"""Links to a questionnaire: nobody guesses one, no table holds one, one that was ended opens nothing."""

from __future__ import annotations

import pytest

from bankside.measures import invitations, studies
from bankside.measures.invitations import BadInvitation, Invited, LinkGone
from bankside.measures.models import Respondent
from bankside.people.policy import NotYours
from bankside.record.models import Entry
from tests.measures.studied import again, answered, author, draft, invited, opened
from tests.people.team import person

pytestmark = pytest.mark.django_db


def test_a_link_opens_its_institution_and_stands_in_no_table() -> None:
    staff = author()
    [one, other] = invited(staff, opened(staff), "Hanul Bank", "Noord Bank")
    token = invitations.token_of(one)
    assert len(token) == invitations.TOKEN_CHARACTERS and token != invitations.token_of(other)
    assert invitations.opened(token).pk == one.pk
    assert invitations.link_of(one).endswith(f"/s/{token}/")
    kept = [str(value) for row in Respondent.objects.values() for value in row.values()]
    assert not any(token in value for value in kept)


@pytest.mark.parametrize("token", ["", "0" * 40, "x", "é" * 40, "0" * 5_000])
def test_what_is_no_link_opens_nothing(token: str) -> None:
    staff = author()
    invited(staff, opened(staff), "Hanul Bank")
    with pytest.raises(LinkGone):
        invitations.opened(token)


def test_the_digest_that_is_kept_is_no_link() -> None:
    staff = author()
    [one] = invited(staff, opened(staff), "Hanul Bank")
    with pytest.raises(LinkGone):
        invitations.opened((one.digest or "")[:40])


def test_a_link_opens_only_once_the_study_is_open() -> None:
    staff = author()
    study = draft(staff)
    [one] = invited(staff, study, "Hanul Bank")
    with pytest.raises(LinkGone):
        invitations.opened(invitations.token_of(one))
    studies.open_study(staff, study.obj)
    assert invitations.opened(invitations.token_of(one)).pk == one.pk


def test_a_new_link_ends_the_one_before_and_keeps_the_answers() -> None:
    staff = author()
    study = opened(staff)
    [one] = invited(staff, study, "Hanul Bank")
    answered(one, uses="yes", value="4")
    before = invitations.token_of(one)
    after = invitations.token_of(invitations.renew(staff, study.obj, one.obj))
    assert before != after and invitations.opened(after).answers.count() == 2
    with pytest.raises(LinkGone):
        invitations.opened(before)


def test_an_ended_link_opens_nothing_and_twice_is_once() -> None:
    staff = author()
    study = opened(staff)
    [one] = invited(staff, study, "Hanul Bank")
    token = invitations.token_of(one)
    invitations.revoke(staff, study.obj, one.obj, reason="sent to the wrong house")
    invitations.revoke(staff, study.obj, one.obj, reason="again")
    with pytest.raises(LinkGone):
        invitations.opened(token)
    assert Entry.objects.filter(fact="measures.invitation-revoked").count() == 1
    assert invitations.link_of(again(one)) == ""
    renewed = invitations.renew(staff, study.obj, one.obj)
    assert invitations.opened(invitations.token_of(renewed)).pk == one.pk


def test_an_institution_is_invited_once() -> None:
    staff = author()
    study = opened(staff)
    assert len(invited(staff, study, "Hanul Bank", "Noord Bank")) == 2
    assert [row.institution for row in invited(staff, study, "Noord Bank", "West Bank")] == ["West Bank"]
    assert Entry.objects.filter(fact="measures.institution-invited").count() == 3


def test_the_address_is_sealed() -> None:
    staff = author()
    [one] = invited(staff, opened(staff), "Hanul Bank", email="press@hanulbank.example")
    assert b"hanulbank" not in bytes(again(one).email)
    assert invitations.email_of(again(one)) == "press@hanulbank.example"


def test_lines_of_institutions_are_read() -> None:
    found = invitations.read_lines("Hanul Bank; bank; ko; a@hanulbank.example\n\n Noord Bank \n")
    assert found == [Invited("Hanul Bank", "bank", "ko", "a@hanulbank.example"), Invited("Noord Bank")]
    with pytest.raises(BadInvitation, match="Line 2"):
        invitations.read_lines("a\nb;c;d;e;f")


@pytest.mark.parametrize(
    "wrong",
    [
        Invited(""),
        Invited("x" * 201),
        Invited("a", "s" * 61),
        Invited("a", language="fr"),
        Invited("a", email="no"),
    ],
)
def test_what_cannot_be_invited_is_refused_and_nobody_is(wrong: Invited) -> None:
    staff = author()
    study = opened(staff)
    with pytest.raises(BadInvitation):
        invitations.invite(staff, study.obj, [Invited("Hanul Bank"), wrong])
    assert not Respondent.objects.exists()


def test_only_who_manages_studies_invites() -> None:
    staff = author()
    study = opened(staff)
    with pytest.raises(NotYours):
        invited(person("auditor"), study, "Hanul Bank")


def test_labels_say_nothing_and_are_different() -> None:
    staff = author()
    rows = invited(staff, opened(staff), *(f"Bank {n}" for n in range(60)))
    labels = {row.label for row in rows}
    assert len(labels) == 60 and all(len(label) == 4 for label in labels)
    assert [row.label for row in sorted(rows, key=lambda row: row.institution)] != sorted(labels)
