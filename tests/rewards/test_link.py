"""One live link for a profile; unlinking acts at once, whatever is processed when; proofs are good once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection, connections
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.channels import profiles
from bankside.channels.models import Channel
from bankside.people.policy import NotYours
from bankside.record import clock, subjects
from bankside.record.append import entries_where
from bankside.rewards import card, consent, counting, link, short_link
from bankside.rewards import member as members
from bankside.rewards.models import Counting, Link, Member, PendingProof
from tests.people.team import person
from tests.rewards import carried, joined

pytestmark = pytest.mark.django_db
NOW = 1_800_000_000_000
DAY = 86_400_000


def facts(obj: str) -> list[str]:
    return [e.fact for e in entries_where("obj = %s order by n", [obj])]


# --- one live link for a profile (invariant 17) ----------------------------------------------------------
def test_a_proved_profile_is_linked_and_the_record_ties_it_to_her() -> None:
    who = joined.member()
    made = joined.linked(who, "did:one")
    assert made.subj == subjects.subject_of(joined.NETWORK, "did:one")
    assert (made.consent_version, made.proof, made.counts) == ("1", "oauth", True)
    [told] = entries_where("fact = %s", ["rewards.profile-linked"])
    assert (told.obj, told.subj, told.actor) == (made.obj, made.subj, "s:member")
    assert link.of(who) == [made] and link.live_by_subj([made.subj, "x"])[made.subj].member == who


def test_the_same_profile_twice_is_one_link_with_its_newest_name() -> None:
    who = joined.member()
    first = joined.linked(who, "did:one", handle="@old")
    again = joined.linked(who, "did:one", handle="@new", url="https://social.example/@new")
    assert (again.pk, again.handle) == (first.pk, "@new") and Link.objects.count() == 1
    assert facts(first.obj) == ["rewards.profile-linked"]


def test_two_members_cannot_have_one_profile() -> None:
    made = joined.linked(joined.member(), "did:one")
    with pytest.raises(link.LinkTaken):
        joined.linked(joined.member(), "did:one")
    assert list(Link.objects.all()) == [made]


def test_several_networks_and_at_most_as_many_as_a_card_has_voices() -> None:
    who = joined.member()
    for number in range(link.LINKS_MAX):
        joined.linked(who, "the-same-name", network=f"net{number}")
    with pytest.raises(link.NotLinked, match="At most 6"):
        joined.linked(who, "one-more")
    assert len(link.of(who)) == len({row.subj for row in link.of(who)}) == 6


def test_another_member_waits_thirty_days_and_the_same_one_does_not() -> None:
    who, other = joined.member(), joined.member()
    with clock.frozen(NOW):
        first = joined.linked(who, "did:one")
        link.unlink(who, first.obj)
    with clock.frozen(NOW + 1):
        link.unlink(who, joined.linked(who, "did:one").obj)
        with pytest.raises(link.TooSoon, match=r": 30\."):
            joined.linked(other, "did:one")
    with clock.frozen(NOW + 30 * DAY), pytest.raises(link.TooSoon, match=r": 1\."):
        joined.linked(other, "did:one")
    with clock.frozen(NOW + 30 * DAY + 1):
        assert joined.linked(other, "did:one").member == other


def test_the_banks_own_account_is_nobodys_profile() -> None:
    Channel.objects.create(
        network=joined.NETWORK, name="Hanul", hook="h", account={"remote_id": "did:bank"}, state="open"
    )
    with pytest.raises(link.NotLinked, match="bank's own"):
        joined.linked(joined.member(), "did:bank")


def race(subject: str, members_: list[Member]) -> list[str]:
    def act(who: Member) -> str:
        try:
            joined.linked(who, subject)
            return "linked"
        except link.LinkTaken:
            return "taken"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(members_)) as pool:
        return sorted(pool.map(act, members_))


@pytest.mark.django_db(transaction=True)
def test_of_many_at_the_same_moment_one_has_it() -> None:
    if connection.vendor == "sqlite" and connection.is_in_memory_db():  # type: ignore[attr-defined]
        pytest.skip("a database in memory has one connection; the file and PostgreSQL runs do this")
    everybody = [joined.member() for _ in range(4)]
    for number in range(5):
        assert race(f"did:{number}", everybody) == ["linked", "taken", "taken", "taken"]
    assert Link.objects.count() == Counting.objects.filter(until=0).count() == 5


# --- unlinking (invariant 16) ---------------------------------------------------------------------------
def test_unlinking_twice_is_once_and_puts_the_code_off() -> None:
    who = joined.member()
    made, kept = joined.linked(who, "did:one"), joined.linked(who, "did:two")
    asked = card.ask(who, theme="ink", link=made.obj)
    type(asked).objects.filter(pk=asked.pk).update(state="active")
    assert short_link.open(asked.code) == short_link.Opened(made.url)
    first = link.unlink(who, made.obj)
    assert link.unlink(who, made.obj).unlinked_at == first.unlinked_at
    assert short_link.open(asked.code) == short_link.Off() and link.of(who) == [kept]
    assert facts(made.obj) == ["rewards.profile-linked", "rewards.profile-unlinked"]
    assert facts(asked.obj)[-1] == "rewards.code-switched"
    with pytest.raises(link.NoSuchLink):
        link.get(who, made.obj)


def test_the_same_profile_linked_again_opens_from_the_old_card_once_she_says_so() -> None:
    who = joined.member()
    made = joined.linked(who, "did:one")
    shown, over = carried.in_use(who), joined.linked(who, "did:two")
    link.unlink(who, made.obj)
    joined.linked(joined.member(), "did:three")
    with pytest.raises(card.NotNow, match="not linked any more"):
        card.switch_code(who, True)
    again = joined.linked(who, "did:one")
    assert again != made and short_link.open(shown.code) == short_link.Off(), "off until she switches it on"
    assert card.switch_code(who, True).link == again and over in link.of(who)
    assert short_link.open(shown.code) == short_link.Opened(again.url)


def test_another_member_who_links_the_profile_gets_no_card_with_it() -> None:
    first, second = joined.member(), joined.member()
    made = joined.linked(first, "did:one")
    shown = carried.in_use(first)
    link.unlink(first, made.obj)
    with clock.frozen(clock.now_ms() + 31 * link.DAY_MS):
        joined.linked(second, "did:one")
    shown.refresh_from_db()
    assert shown.link == made and short_link.open(shown.code) == short_link.Off()


def test_nobody_unlinks_for_another() -> None:
    made = joined.linked(joined.member())
    with pytest.raises(link.NoSuchLink):
        link.unlink(joined.member(), made.obj)
    with pytest.raises(NotYours):
        link.unlink(made.member, made.obj, by=person("author"))
    link.unlink(made.member, made.obj, by=person("compliance"), reason="desk")
    assert link.of(made.member) == []


def test_the_switch_and_an_employee() -> None:
    who = joined.member()
    made = joined.linked(who)
    assert not link.switch(who, made.obj, False).counts
    link.switch(who, made.obj, False)
    [span] = counting.spans_of([made.subj])[made.subj]
    assert span.until
    link.switch(who, made.obj, True)
    assert facts(made.obj).count("rewards.profile-switched") == 2
    staff = joined.member(employee=True)
    assert counting.spans_of([joined.linked(staff).subj]) == {}


STEPS = st.lists(
    st.sampled_from(["unlink", "link", "off", "on", "pause", "resume", "withdraw", "give", "act"]),
    min_size=1, max_size=14,
)  # fmt: skip


@given(steps=STEPS)
@settings(max_examples=12, deadline=None)
def test_what_counts_hangs_on_when_it_was_recorded_and_on_nothing_else(steps: list[str]) -> None:
    """A naive witness looks at the moment of each act; the spans are asked at the very end."""
    who, seen, now = joined.member(), dict[int, bool](), NOW
    subject = f"did:{who.obj}"
    with clock.frozen(now):
        made = joined.linked(who, subject)
    for step in [*steps, "act"]:
        now += 1000
        with clock.frozen(now):
            _does(who, subject, made.subj, step)
            row = members.get(who.obj)
            live = Link.objects.filter(subj=made.subj, unlinked_at=0, counts=True).exists()
            seen[now] = live and row.status == "active" and consent.has(row, "profile")
    spans = counting.spans_of([made.subj]).get(made.subj, ())
    assert {at: counting.at(spans, at) is not None for at in seen} == seen
    assert all(one.until <= other.since for one, other in pairwise(spans))


def _does(who: Member, subject: str, subj: str, step: str) -> None:
    live = Link.objects.filter(subj=subj, unlinked_at=0).first()
    try:
        match step:
            case "link":
                joined.linked(who, subject)
            case "unlink" if live:
                link.unlink(who, live.obj)
            case "on" | "off" if live:
                link.switch(who, live.obj, step == "on")
            case "pause":
                members.pause(who)
            case "resume":
                members.resume(who)
            case "withdraw":
                consent.withdraw(who, "profile")
            case "give":
                consent.give(who, "profile")
    except ValueError:  # paused, or no consent: then nothing has changed
        pass


def test_an_act_at_the_very_moment_of_unlinking_earns_nothing() -> None:
    who = joined.member()
    with clock.frozen(NOW):
        made = joined.linked(who)
    with clock.frozen(NOW + 500):
        link.unlink(who, made.obj)
    spans = counting.spans_of([made.subj])[made.subj]
    assert [counting.at(spans, NOW + at) is not None for at in (-1, 0, 499, 500, 501)] == [
        False, True, True, False, False
    ]  # fmt: skip
    assert Link.objects.get(pk=made.pk).unlinked_at == NOW + 500


def test_spans_are_asked_by_one_statement(django_assert_num_queries: Any) -> None:
    made = [joined.linked(joined.member()) for _ in range(3)]
    with django_assert_num_queries(1):
        found = counting.spans_of([row.subj for row in made] + ["0" * 32])
    assert set(found) == {row.subj for row in made}
    assert found[made[0].subj][0].member_obj == made[0].member.obj


@pytest.mark.django_db(transaction=True)
def test_who_posts_holds_the_spans_and_unlinking_reads_the_clock_after_it() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer: nothing is unlinked while points are posted")
    from threading import Event

    from django.db import transaction

    who, began = joined.member(), Event()
    made = joined.linked(who)

    def unlinks() -> int:
        try:
            began.set()
            return link.unlink(who, made.obj).unlinked_at
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert counting.spans_of([made.subj], hold=True)
            late = pool.submit(unlinks)
            began.wait(5)
            with pytest.raises(TimeoutError):
                late.result(0.3)
            posted_at = clock.now_ms()
        assert late.result(10) >= posted_at


# --- proofs ------------------------------------------------------------------------------------------------
@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A network at which everybody is whom `proved` says."""
    told: dict[str, Any] = {"proved": joined.profile("did:one"), "asked": []}

    def back(kept: bytes, **how: Any) -> profiles.Profile:
        told["asked"].append(how)
        if how["error"]:
            raise profiles.NotProved("refused")
        found: profiles.Profile = told["proved"]
        return found

    def leads(network: str, typed: str, *, state: str, apps: Any) -> profiles.Away:
        return profiles.Away(address=f"https://net.example/?state={state}", host="net.example",
                             title="Net", kept=b"kept")  # fmt: skip

    monkeypatch.setattr(profiles, "away", leads)
    monkeypatch.setattr(profiles, "back", back)
    yield told


def test_a_sign_in_is_good_once_for_who_began_it(away: dict[str, Any]) -> None:
    who, other = joined.member(), joined.member()
    begun = link.begin(who, joined.NETWORK, "minji")
    assert isinstance(begun, link.Away) and begun.state in begun.address
    assert begun.state not in str(list(PendingProof.objects.values_list("state", flat=True)))
    with pytest.raises(link.NotLinked, match="elsewhere"):
        link.complete(other, state=begun.state, code="c")
    assert link.complete(who, state=begun.state, code="c", issuer="i").subject == "did:one"
    with pytest.raises(link.NotLinked, match="elsewhere"):
        link.complete(who, state=begun.state, code="c")
    assert [asked["code"] for asked in away["asked"]] == ["c"]


def test_a_sign_in_that_was_refused_or_is_late_links_nothing(away: dict[str, Any]) -> None:
    who = joined.member()
    begun = link.begin(who, joined.NETWORK)
    with pytest.raises(profiles.NotProved):
        link.complete(who, state=begun.state, error="access_denied")
    with pytest.raises(link.NotLinked):
        link.complete(who, state=begun.state, code="c")
    with clock.frozen(NOW):
        late = link.begin(who, joined.NETWORK)
    with clock.frozen(NOW + 10 * 60_000), pytest.raises(link.NotLinked, match="too long ago"):
        link.complete(who, state=late.state, code="c")
    assert not Link.objects.exists()


def test_without_consent_nothing_begins_and_taken_back_meanwhile_nothing_is_linked(
    away: dict[str, Any],
) -> None:
    who = joined.member(consents={"programme": ""})
    with pytest.raises(consent.ConsentMissing) as missing:
        link.begin(who, joined.NETWORK)
    assert missing.value.purpose == "profile"
    consent.give(who, "profile")
    begun = link.begin(who, joined.NETWORK)
    consent.withdraw(who, "profile")
    with pytest.raises(consent.ConsentMissing):
        link.complete(who, state=begun.state, code="c")
    assert not Link.objects.exists()


def test_a_line_is_looked_for_by_its_state_and_a_sign_in_is_not(
    away: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    line = profiles.Asked(text="bankside-proof=t", where="_bankside.minji.example", title="Net", kept=b"-")
    monkeypatch.setattr(profiles, "asked", lambda network, proof, place, token: line)
    monkeypatch.setattr(profiles, "again", lambda kept: (begun.state, line))
    monkeypatch.setattr(profiles, "looked", lambda kept: joined.profile("did:dns"))
    who, other = joined.member(), joined.member()
    signs_in = link.begin(who, joined.NETWORK)
    begun = link.begin(who, joined.NETWORK, "minji.example", "dns")
    for someone, state in ((who, signs_in.state), (who, "none"), (other, begun.state)):
        with pytest.raises(link.NotLinked):
            link.look(someone, state)
    assert link.look(who, begun.state).subject == "did:dns"
    assert link.complete(who, state=signs_in.state, code="c"), "the sign-in goes on as if nobody had looked"


def test_of_what_she_began_only_the_newest_few_are_kept(away: dict[str, Any]) -> None:
    who = joined.member()
    states = [link.begin(who, joined.NETWORK).state for _ in range(8)]
    assert PendingProof.objects.filter(member=who).count() == link.PENDING_MAX
    with pytest.raises(link.NotLinked):
        link.complete(who, state=states[0], code="c")
    assert link.complete(who, state=states[-1], code="c")


def test_a_link_without_a_proof_is_refused_where_there_are_proofs() -> None:
    who, provable = joined.member(), link.offered()[0].network
    with pytest.raises(link.NotLinked, match="has to be proved"):
        link.invented(who, joined.profile(network=provable))
    assert link.of(who) == []
    assert link.invented(who, joined.profile()).proof == "invented"
