"""Hostile bytes at every door that takes bytes (fault 34): refused in bounded time and memory, no crash.

50 MB, depth of a hundred thousand, NaN, duplicate keys, lone surrogates, NUL. Doors without a database are
tried in a process of their own, which may take so much memory and no more.
"""

from __future__ import annotations

import io
import json
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from bankside.channels import intake
from bankside.channels.models import Channel, Item
from bankside.measures import studies
from bankside.measures.study import read_definition, sheet
from bankside.measures.study.trouble import Troubles
from bankside.record import clock
from bankside.record.log import canonical, leaf, note, proofs, tiles, trust
from bankside.record.log.verify import verify_folder
from bankside.record.package.checking import check_package
from bankside.record.signer import Signer
from bankside.rewards.payments import ber_tlv, emv_mpm, feed_csv, iso8583, iso20022
from bankside.rewards.payments.finding import FeedRefused
from bankside.rewards.rules import programme
from tests import faults
from tests.flows.mortal import life
from tests.record.signers import HOST
from tests.scene import NOW, Scene
from tests.web.caller import Caller

DEEP = 100_000
BIG = 50_000_000
SECONDS_MAX = 2.0
BIG_SECONDS_MAX = 10.0
CPU_SECONDS_MAX = 60
MEMORY_BYTES_MAX = 700_000_000
"""Of which the largest body takes 50 MB, and as a text of Python up to four times that."""

BODIES: dict[str, bytes] = {
    "50 MB": b'{"text": "' + b"x" * BIG + b'"}',
    "50 MB of lines": b"a,b;c\n" * (BIG // 6),
    "deep lists": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "deep, not closed": b"[" * DEEP,
    "deep in TOML": b"a = " + b"[" * DEEP + b"]" * DEEP,
    "deep tables of TOML": b"[" + b"a." * DEEP + b"a]\n",
    "deep in XML": b"<a>" * DEEP + b"</a>" * DEEP,
    "a thousand laughs": b'<!DOCTYPE a [<!ENTITY b "' + b"c" * 100 + b'">'
    + b"".join(b'<!ENTITY b%d "%s">' % (n + 1, b"&b%d;" % n * 10) for n in range(9)) + b"]><a>&b9;</a>",
    "NaN": b'{"v": NaN, "items": [Infinity, -Infinity, 1e999]}',
    "duplicate keys": b'{"items": [], "items": [], "v": 1, "v": 2}',
    "lone surrogate": rb'{"items": [{"id": "c1", "text": "\ud83d"}]}',
    "lone surrogate in bytes": b'{"text": "\xed\xa0\xbd"}',
    "NUL": b'{"text": "a\0b"}\n\0',
    "NUL in an escape": rb'{"items": [{"id": "c\u0000", "text": "a\u0000b"}]}',
    "not UTF-8": b"\xff\xfe\xfa a,b\n",
    "UTF-16": '{"items": []}'.encode("utf-16"),
    "a BOM": b'\xef\xbb\xbf{"items": []}',
    "a long number": b'{"v": ' + b"9" * 100_000 + b"}",
    "one long line": b"-" * 2_000_000,
    "many lines": b"\n" * 200_000,
    "nothing": b"",
}  # fmt: skip


def as_text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def as_file(name: str, act: Callable[[Path], Any]) -> Callable[[bytes, Path], Any]:
    def door(body: bytes, folder: Path) -> Any:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
        return act(folder)

    return door


def of_signer(body: bytes, folder: Path) -> None:
    signer = Signer(folder / "signer", HOST)
    try:
        assert signer.answer(body).status == 400
    finally:
        signer.close()


def found_wrong(report: Any) -> None:
    assert report.problems


def refused_feed(feed: Any) -> None:
    assert not feed.transactions


# Doors that need no database: what they do, and how they say no.
DOORS: dict[str, tuple[Callable[[bytes, Path], Any], tuple[type[Exception], ...]]] = {
    "canonical JSON": (lambda body, _: canonical.parse(body), (canonical.NotCanonical,)),
    "leaf": (lambda body, _: leaf.parse(body), (leaf.LeafWrong,)),
    "signed note": (lambda body, _: note.parse_note(body), (note.NoteWrong,)),
    "head": (lambda body, _: tiles.parse_head(as_text(body)), (tiles.HeadWrong,)),
    "proof file": (lambda body, _: proofs.parse_entry_proof(body), (proofs.ProofFileWrong,)),
    "request of a log": (lambda body, _: proofs.parse_growth(body), (proofs.ProofFileWrong,)),
    "trust file": (lambda body, _: trust.parse_trust(body), (trust.TrustWrong,)),
    "signer": (of_signer, ()),
    "checkpoint of a folder": (as_file("0/2026/checkpoint", lambda it: found_wrong(verify_folder(it))), ()),
    "manifest of a package": (as_file("manifest.json", lambda it: found_wrong(check_package(it))), ()),
    "programme": (lambda body, _: refuses(programme.check(as_text(body)).findings), ()),
    "study": (lambda body, _: refuses(studies.check(as_text(body))), ()),
    "definition of a study": (
        lambda body, _: read_definition.define_text(as_text(body)), (Troubles,)
    ),
    "answers of a study": (lambda body, _: sheet.table_of(body, "answers.csv"), (Troubles,)),
    "transactions, CSV": (
        lambda body, _: refused_feed(feed_csv.read_all(io.BytesIO(body), file="f.csv")), (FeedRefused,)
    ),
    "transactions, ISO 20022": (
        lambda body, _: refused_feed(iso20022.read_all(io.BytesIO(body), file="f.xml")), (FeedRefused,)
    ),
    "transactions, ISO 8583": (
        lambda body, _: refused_feed(iso8583.read_all(io.BytesIO(body), file="f", received_ms=NOW)),
        (FeedRefused,),
    ),
    "BER-TLV": (lambda body, _: ber_tlv.read(body), (ber_tlv.NotBerTlv,)),
    "merchant code": (lambda body, _: emv_mpm.parse(as_text(body)), (emv_mpm.NotAMerchantCode,)),
}  # fmt: skip


def refuses(findings: Any) -> None:
    assert findings


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.timeout(120)
def test_a_door_refuses_hostile_bytes_in_bounded_time_and_memory(door: str, tmp_path: Path) -> None:
    signal, told = life(lambda: tried(door, tmp_path))
    assert signal == 0
    faults.tell(34, injected=len(BODIES), inconsistent=len(told))
    assert told == []


def tried(door: str, folder: Path) -> list[str]:
    """In a process of its own: what went wrong, with the name of the body."""
    with Path("/proc/self/statm").open() as file:
        now = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY_BYTES_MAX,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS_MAX, CPU_SECONDS_MAX))
    act, no = DOORS[door]
    found = []
    for name, body in BODIES.items():
        started = time.process_time()
        try:
            act(body, folder)
        except no:
            pass
        except Exception as trouble:
            found.append(f"{name}: {type(trouble).__name__} {str(trouble)[:100]}")
        took = time.process_time() - started
        if took > (BIG_SECONDS_MAX if len(body) >= BIG // 2 else SECONDS_MAX):
            found.append(f"{name}: {took:.1f} s")
    return found


# --- doors with a database ----------------------------------------------------------------------------
@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")


@pytest.mark.django_db
def test_a_hook_that_is_signed_refuses_them_and_goes_on(scene: Scene) -> None:
    """Signed: whoever forges one does not get so far."""
    wrong = []
    for name, body in BODIES.items():
        request = scene.network.hook_request(body=body)
        started = time.process_time()
        answer = Client().generic(
            "POST", f"/hooks/{scene.channel.hook}", body, content_type="application/json",
            headers=dict(request.headers),
        )  # fmt: skip
        if answer.status_code not in {400, 413} or time.process_time() - started > SECONDS_MAX:
            wrong.append(f"{name}: {answer.status_code}")
    faults.tell(34, injected=len(BODIES), inconsistent=len(wrong))
    assert wrong == []
    assert not Item.objects.exists()
    counted = Channel.objects.get(pk=scene.channel.pk)
    assert (counted.hooks_malformed, counted.hooks_accepted) == (len(BODIES), 0)
    good = scene.network.hook_request(scene.network.customer_says("Good morning"))
    assert intake.receive(
        scene.channel.hook, method=good.method, path=good.path, query=good.query, headers=good.headers,
        body=good.body,
    ).status == 200  # fmt: skip


PLACES = ("/posts", "/programmes", "/studies", "/search", "/conversations/1/replies", "/record/exports")


@pytest.mark.django_db
@pytest.mark.parametrize("place", PLACES)
def test_the_api_refuses_them(scene: Scene, place: str) -> None:
    caller, wrong = Caller(scene.people["author"]), []
    caller.get("/me")  # imports all of the API, which is no part of the time
    for name, body in BODIES.items():
        started = time.process_time()
        answer = caller.client.generic(
            "POST", f"/api/v1{place}", body, content_type="application/json", headers=caller.headers
        )
        if not 400 <= answer.status_code < 500 or time.process_time() - started > SECONDS_MAX:
            wrong.append(f"{name}: {answer.status_code}")
    faults.tell(34, injected=len(BODIES), inconsistent=len(wrong))
    assert wrong == []


def test_the_bodies_are_as_hostile_as_they_are_said_to_be() -> None:
    assert len(BODIES["50 MB"]) > BIG
    with pytest.raises(RecursionError):
        json.loads(BODIES["deep lists"])
    with pytest.raises(RecursionError):
        json.loads(BODIES["deep objects"])
    assert json.loads(BODIES["lone surrogate"])["items"][0]["text"] == "\ud83d"
