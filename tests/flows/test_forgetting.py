"""A customer is forgotten in every room: conversations, answers, titles, deliveries, notes, items, card."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection

from bankside.approvals.models import Request
from bankside.channels import kept, profiles
from bankside.channels.models import Delivery, Item, Thread
from bankside.inbox import conversation as conversations
from bankside.inbox import examined, search
from bankside.inbox import reply as replies
from bankside.inbox.models import Conversation, Message, Reply
from bankside.networks import contract
from bankside.people import keeping, staff
from bankside.people.policy import NotYours
from bankside.record import audit, clock, seal, subjects
from bankside.record.forgetting import forgetters, holding, shredding
from bankside.record.forgetting.covered import Scope
from bankside.record.log.verify import verify_folder
from bankside.record.models import Entry, Erasure, Hold, Subject
from bankside.rewards import consent as consents
from bankside.rewards import link, partner_codes, payment, statement
from bankside.rewards import member as members
from bankside.rewards.ledger import balance
from bankside.rewards.models import ExpiryNotice, Fingerprint, Link, Payment, Redemption
from bankside.rewards.taking_part import subj_of
from tests.flows import carded_life
from tests.flows.carded_life import OF_HER
from tests.flows.test_no_number_is_kept import everything_kept
from tests.record.rebuilt import assert_all_rebuild
from tests.scene import NOW, Scene

MARKS = ("zeichen4711", "teken4712", "note4713", "fleur4714")
TRIES_MAX = 500
WORDS = "Mijn rekening is geblokkeerd zeichen4711"


@pytest.fixture
def scene(tmp_path: Path, settings: Any, transactional_db: None) -> Iterator[Scene]:
    settings.DATA, settings.LOG_FOLDER, settings.MEDIA_FOLDER = tmp_path, tmp_path / "log", tmp_path / "media"
    settings.REPLY_APPROVAL = "always"
    with clock.frozen(NOW):
        made = Scene(tmp_path / "network")
        made.people["officer"] = staff.add(
            "o@hanulbank.example", "Mina Han", role="records-officer", team=None
        )
        made.people["compliance"] = staff.add("c@hanulbank.example", "陈静", role="compliance", team=None)
        yield made


def told(scene: Scene) -> Conversation:
    """She writes in private; the bank answers with consent, and notes something; another customer writes."""
    scene.network.customer_says(WORDS, by="fleur4714", name="Fleur fleur4714", private=True)
    scene.network.customer_says("카드를 잃어버렸어요", by="minji", name="김민지", private=True)
    scene.later(120)
    row = Conversation.objects.get(excerpt__contains=MARKS[0])
    responder = scene.people["responder"]
    conversations.note(responder, row, "bel haar note4713")
    replies.write(responder, row, "Goedemiddag teken4712, wij kijken mee.")
    scene.work()
    reply = Reply.objects.get()
    replies.approve(scene.people["reviewer"], reply, digest=reply.digest)
    scene.later(60)
    return Conversation.objects.get(pk=row.pk)


def forgotten(scene: Scene, subj: str, about: str = "") -> Erasure:
    people = scene.people
    row = keeping.ask(people["officer"], subj, about, "GDPR-17", "Zij vroeg het.")
    keeping.agree(people["compliance"], row.obj)
    scene.work()
    row.refresh_from_db()
    return row


def test_nothing_of_her_is_kept_in_any_room_and_the_record_holds(scene: Scene) -> None:
    row = told(scene)
    before = everything_kept(scene)
    assert all(mark in before for mark in MARKS)
    channel = scene.channel.obj
    item = Item.objects.filter(state=Item.READ).first()
    assert item is not None
    spoken_of(scene, row)
    erased = forgotten(scene, row.subj)
    assert erased.state == Erasure.ERASED
    after = everything_kept(scene)
    for mark in MARKS:
        lines = [line[:200] for line in after.split("\n") if mark in line and not named_by_network(line)]
        assert lines == [], mark
    assert "카드를 잃어버렸어요" in after
    assert [one.words for one in Reply.objects.all()] == [{}, {}]
    assert bytes(Delivery.objects.get().words) == b""
    assert set(Request.objects.values_list("title", "reason")) == {("", "")}
    assert Entry.objects.filter(fact="inbox.messages-searched").count() == 2
    seal.seal_all()
    assert audit.audit().problems == []
    assert verify_folder(Path(scene.folder.parent / "log")).problems == []
    assert_all_rebuild()
    assert channel


def spoken_of(scene: Scene, row: Conversation) -> None:
    """Her words come up in what an approver says, in searches, and in items that the desk cannot read."""
    responder, reviewer = scene.people["responder"], scene.people["reviewer"]
    second = replies.write(responder, row, "Nog iets?")
    replies.send_back(reviewer, second, reason=f"Zij schreef {MARKS[0]}; noem {MARKS[3]} niet.")
    assert search.search(responder, MARKS[0]).found
    assert examined.persons(scene.people["auditor"], f"Fleur {MARKS[3]}")
    account = next(one.actor.remote_id for one in seen_of(row.subj))
    for state in (Item.UNKNOWN, Item.POISONED):
        raw = {"kind": "unheard of", "author": {"id": account}, "text": MARKS[0]}
        found = kept.row_of(
            scene.channel, contract.Item(remote_id=state, version="1", raw=raw), via=kept.POLL, now_ms=NOW
        )
        found.state = state
        found.save()


def named_by_network(line: str) -> bool:
    """The network's own id of a thing stays, or the next polling would bring it back as new."""
    return line.startswith(("channels_item", "channels_sighting", "record_entry", "channels_channel"))


def test_her_next_words_are_those_of_somebody_new(scene: Scene) -> None:
    row = told(scene)
    forgotten(scene, row.subj)
    scene.network.customer_says("Ben ik weer", by="fleur4714", name="Fleur", private=True)
    scene.later(120)
    again = Message.objects.get(text="Ben ik weer")
    assert again.subj != row.subj
    assert_all_rebuild()


def test_only_those_who_may_and_never_one_alone(scene: Scene) -> None:
    row = told(scene)
    people = scene.people
    for role in ("responder", "reviewer", "administrator", "auditor", "author"):
        with pytest.raises(NotYours):
            keeping.ask(people[role], row.subj, "", "GDPR-17", "x")
    asked = keeping.ask(people["officer"], row.subj, "", "GDPR-17", "x")
    for role in ("responder", "administrator", "auditor"):
        with pytest.raises(NotYours):
            keeping.agree(people[role], asked.obj)
    with pytest.raises(PermissionError):
        keeping.agree(people["officer"], asked.obj)
    assert Subject.objects.filter(subj=row.subj).exists()


def test_a_hold_on_a_channel_keeps_whoever_spoke_there(scene: Scene) -> None:
    row = told(scene)
    people = scene.people
    hold = keeping.place(people["officer"], Hold.CHANNEL, scene.channel.obj, "toezichthouder")
    assert holding.on(Scope(row.subj)) == [hold]
    assert Thread.objects.filter(obj=row.obj).exists()
    assert forgotten(scene, row.subj).state == Erasure.WAITING
    keeping.release(people["compliance"], hold.obj, "klaar")
    scene.work()
    assert Erasure.objects.get().state == Erasure.ERASED
    assert_all_rebuild()


def test_a_member_is_forgotten_under_all_her_subjects(scene: Scene) -> None:
    row = told(scene)
    versions = dict.fromkeys((consents.PROGRAMME, "profile"), "")
    one = members.enrol(
        customer_ref="H-4715", born=date(1990, 5, 1), consents=versions, name="Fleur fleur4714"
    )
    account = next(e.actor for e in seen_of(row.subj))
    link.invented(one, profiles.Profile(**profile(account)))
    assert set(forgetters.same_person(row.subj)) == {row.subj, subj_of(one)}
    forgotten(scene, row.subj)
    one.refresh_from_db()
    assert (one.name, one.customer_ref, one.status) == ("", None, "left")
    assert Link.objects.get().handle == "" and "erased" in Link.objects.get().subject
    after = everything_kept(scene)
    assert "H-4715" not in after
    assert audit.audit().problems == []
    assert_all_rebuild()


PLACES = (0, "", "")
SEALED = ("code", "key")
"""What never lies in clear: a partner's code, and the key of a wish, of which a digest is kept."""


def test_what_a_member_of_the_card_did_and_had_goes_and_every_check_holds(scene: Scene) -> None:
    """Payments, cards, links, appeals, flags, shapes, notices, codes: numbers that name nobody stay."""
    with clock.frozen(clock.now_ms() - 60_000):
        one, other = carded_life.lived(OF_HER), carded_life.lived()
    before = everything_kept(scene)
    assert [what for what, mark in OF_HER.items() if mark not in before and what not in SEALED] == []
    assert partner_codes.with_code(Redemption.objects.get(member=one, choice="coffee")).code == OF_HER["code"]
    points = balance.balance(one.pk).available
    assert (Payment.objects.exclude(mcc=0).count(), ExpiryNotice.objects.count()) == (2, 2)

    forgotten(scene, subj_of(one))
    after = everything_kept(scene)
    assert [what for what, mark in OF_HER.items() if mark in after and what not in STAY] == []
    assert partner_codes.with_code(Redemption.objects.get(member=one, choice="coffee")).code == ""
    assert set(Payment.objects.filter(member=one).values_list("mcc", "merchant", "merchant_id")) == {PLACES}
    assert Payment.objects.filter(member=other).exclude(mcc=0).count() == 1, "of others nothing goes"
    assert set(ExpiryNotice.objects.values_list("member", flat=True)) == {other.pk}
    assert set(Fingerprint.objects.values_list("member", flat=True)) == {other.pk}
    assert balance.balance(one.pk).available == points, "what she has stays until it ends"
    seal.seal_all()
    assert audit.audit().problems == []
    assert verify_folder(Path(scene.folder.parent / "log")).problems == []
    assert_all_rebuild()


# On lines of money that was paid out: docs/operate/forgetting.md says why.
STAY = {"reference", "token"}


def test_what_stays_of_her_are_lines_of_money_and_nothing_else(scene: Scene) -> None:
    one = carded_life.lived(OF_HER)
    made = statement.make(None, "statement-credit", "monday").body
    forgotten(scene, subj_of(one))
    lines = [line.partition(" ")[0] for line in everything_kept(scene).split("\n")
             if OF_HER["reference"] in line or OF_HER["token"] in line]  # fmt: skip
    assert set(lines) == {"rewards_line"}
    assert statement.make(None, "statement-credit", "monday").body == made, "the very same bytes"
    [result] = payment.take([carded_life.paid(one, OF_HER, "refund")], "s:card")
    assert (result.outcome, result.reason) == ("refused", "unknown-card")
    assert audit.audit().problems == []


def seen_of(subj: str) -> list[Any]:
    from bankside.record.append import entries_where
    from bankside.record.projection import facts_of

    found = facts_of(entries_where("subj = %s and fact = %s", [subj, "channels.activity-received"]))
    return [fact.seen for fact in found.values()]


def profile(actor: Any) -> dict[str, Any]:
    return {
        "network": "practice", "subject": actor.remote_id, "handle": actor.handle, "url": actor.url,
        "account_since_ms": 0,
    }  # fmt: skip


def test_hold_or_erasure_whichever_is_first_and_never_half(scene: Scene) -> None:
    """Fault 47: both at the same moment, again and again."""
    rounds = 12
    for number in range(rounds):
        subj = subjects.subject_of("practice", f"account:{number}")
        row = keeping.ask(scene.people["officer"], subj, "", "GDPR-17", "x")
        gate = threading.Barrier(2)
        acts = (
            lambda s=subj: keeping.place(scene.people["officer"], Hold.SUBJECT, s, "case"),
            lambda r=row: keeping.agree(scene.people["compliance"], r.obj),
        )  # fmt: skip
        with ThreadPoolExecutor(2) as pool:
            held, agreed = pool.map(lambda act, g=gate: at_once(g, act), acts)
        assert isinstance(agreed, Erasure), agreed
        row.refresh_from_db()
        known = Subject.objects.filter(subj=subj).exists()
        if isinstance(held, holding.AlreadyErased):
            assert (row.state, known) == (Erasure.ERASING, False)
            assert shredding.drive(row.obj)
        else:
            assert isinstance(held, Hold), held
            assert (row.state, known) == (Erasure.WAITING, True)
            assert not Entry.objects.filter(fact="record.erased", subj=subj).exists()


def at_once(gate: threading.Barrier, act: Callable[[], Any]) -> Any:
    """What came of it; a table that is locked in memory, where SQLite waits for nobody, is asked again."""
    gate.wait()
    try:
        for _ in range(TRIES_MAX):
            try:
                return act()
            except OperationalError:
                time.sleep(0.01)
        return None
    except Exception as error:
        return error
    finally:
        connection.close()
