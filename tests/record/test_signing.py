"""A desk that has its heads signed by a signer in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from bankside.record import gauges, log_keys, published, seal, signer_asking, signing
from bankside.record.log.leaf import leaf_hash
from bankside.record.log.merkle import consistency_proof, root_of
from bankside.record.log.note import note_bytes, parse_note
from bankside.record.log.proofs import Growth, check_head, growth_bytes
from bankside.record.log.tiles import head_text
from bankside.record.models import Checkpoint, Head
from bankside.record.signer import Signer
from bankside.record.signer_asking import SignerAway, ask
from tests.record.signers import HOST, LOG, request, running
from tests.record.tally import say


@pytest.fixture
def desk(settings: Any, tmp_path: Path, db: None) -> Iterator[str]:
    settings.LOG_FOLDER = tmp_path / "log"
    settings.LOG_KEY_FILE = tmp_path / "no-key"
    settings.SIGNER = f"unix:{tmp_path}/signer.socket"
    seal._said.clear()
    log_keys.forget()
    with running(tmp_path / "s", settings.SIGNER, settings.LOG_ORIGIN_HOST):
        yield settings.SIGNER
    log_keys.forget()


def size() -> int:
    return sum(Checkpoint.objects.values_list("size", flat=True))


def test_a_desk_without_a_key_has_its_heads_signed(desk: str, tmp_path: Path) -> None:
    assert (tmp_path / "signer.socket").stat().st_mode & 0o777 == 0o600
    say("하나", "둘")
    assert seal.seal_all() == 1
    [row] = Checkpoint.objects.filter(size__gt=0)
    assert check_head(row.note.encode(), published.log_trust()).head.size == 2
    assert not (tmp_path / "no-key").exists()
    say("셋")
    assert (seal.seal_all(), size(), gauges.refusals()) == (1, 3, [])


def test_a_signature_that_never_arrived_is_asked_for_again(
    desk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The signer is ahead of the row: the desk died between the two, and has grown since (fault 1)."""
    say("a", "b")
    seal.seal_all()
    for more in ((), ("d",)):
        say("c")
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(seal, "show", _killed)
            patched.setattr(seal, "_promise", _signs_and_dies)
            seal.seal_all()
        before = size()
        say(*more)
        assert (seal.seal_all(), gauges.refusals()) == (1, [])
        assert size() == before + 1 + len(more)


def _killed(*_: object) -> None:
    raise AssertionError("it was killed before")


def _signs_and_dies(folder: Any, head: Any, new: int, root: bytes, path: list[bytes]) -> None:
    text = head_text(seal.origin_of(head.lane, head.year), new, root)
    signing.signed(Growth(head.size, tuple(path), text.encode()))
    raise KeyboardInterrupt


@pytest.mark.parametrize("grown", [0, 1, 5])
def test_an_old_backup_gets_no_signature_and_publishing_stops(
    desk: str, grown: int, caplog: pytest.LogCaptureFixture, client: Any
) -> None:
    """Fault 10: the desk goes back to 2 entries, signs nothing else, and says so."""
    say("a", "b")
    seal.seal_all()
    kept = list(Checkpoint.objects.filter(size__gt=0))
    [log] = seal.logs()
    say("c", "d", "e")
    seal.seal_all()
    restore(kept, log)
    say("one", *("more" for _ in range(grown)))
    assert seal.seal_all() == 0
    [said] = gauges.refusals()
    assert "is not published" in said and (
        "the signer has signed 5 entries" in said or "does not go on" in said
    )
    assert client.get("/health").json()["logs_refused"] == 1
    assert client.get("/health").status_code == 503
    caplog.clear()
    assert (seal.seal_all(), size()) == (0, 2)
    assert "bankside log recover" in caplog.text
    assert (seal.seal_all(again=True), len(gauges.refusals())) == (0, 1)


def restore(heads: list[Checkpoint], log: seal.Log) -> None:
    """Yesterday's backup: fewer rows, an older head, older files."""
    from django.db import connection

    from tests.record.tampered import let_rows_change

    let_rows_change()
    with connection.cursor() as cursor:
        cursor.execute("delete from record_entry where lane = %s and seq >= %s", [log.lane, log.size])
        cursor.execute("delete from record_payload where n not in (select n from record_entry)")
    Head.objects.filter(lane=log.lane).update(size=log.size)
    for head in heads:
        head.save()


def test_a_clone_and_its_origin_never_have_two_roots_for_one_size(desk: str) -> None:
    """Fault 10, the other way: what the clone had signed first is what counts; the origin is told."""
    say("a", "b")
    seal.seal_all()
    [row] = Checkpoint.objects.filter(size__gt=0)
    origin = seal.origin_of(row.lane, row.year)
    folder = seal.folder_of(row.lane, row.year)
    theirs = [*map(leaf_hash, seal._leaves(row, seal.Part("", -1, 0, 2))), leaf_hash(b"of the clone")]
    path = consistency_proof(lambda h, i: root_of(theirs[i << h : i + 1 << h]), 2, 3)
    body = growth_bytes(Growth(2, tuple(path), head_text(origin, 3, root_of(theirs)).encode()))
    assert ask(desk, "/add-checkpoint", body).status == 200
    say("of the origin")
    assert (seal.seal_all(), size()) == (0, 2)
    assert "not go on" in gauges.refusals()[0] or "has signed 3" in gauges.refusals()[0]
    assert parse_note(folder.read("checkpoint") or b"").text.split("\n")[1] == "2"


def test_a_signer_that_is_away_stops_nothing_for_good(settings: Any, tmp_path: Path, db: None) -> None:
    settings.LOG_FOLDER, settings.SIGNER = tmp_path / "log", f"unix:{tmp_path}/x"
    settings.LOG_KEY_FILE = tmp_path / "no-key"
    log_keys.forget()
    say("a")
    assert (seal.seal_all(), gauges.refusals()) == (0, [])
    with pytest.raises(SignerAway):
        log_keys.public_keys(LOG)
    with running(tmp_path / "s", settings.SIGNER, settings.LOG_ORIGIN_HOST):
        assert seal.seal_all() == 1
    say("b")
    assert (seal.seal_all(), gauges.refusals()) == (0, [])
    with running(tmp_path / "s", settings.SIGNER, settings.LOG_ORIGIN_HOST):
        assert (seal.seal_all(), size()) == (1, 2)
    log_keys.forget()


def test_a_signer_that_is_killed_has_forgotten_nothing_and_gives_its_folder_back(
    tmp_path: Path,
) -> None:
    """Fault 1: SIGKILL between two heads, many times; the socket that it leaves is in nobody's way."""
    address, size = f"unix:{tmp_path}/x", 0
    for _ in range(3):
        command = [sys.executable, "-m", "bankside", "signer", str(tmp_path / "s"), "--listen", address]
        with subprocess.Popen([*command, "--host", HOST], stdout=subprocess.PIPE, text=True) as part:
            assert part.stdout is not None and part.stdout.readline()
            for new in range(size + 1, size + 4):
                assert ask(address, "/add-checkpoint", request(new - 1, new)).status == 200
            size += 3
            part.kill()
        with closing(Signer(tmp_path / "s", HOST)) as again:
            assert again.answer(request(size, size)).status == 200
    assert size == 9


def test_a_signature_of_another_key_is_not_believed(desk: str, monkeypatch: pytest.MonkeyPatch) -> None:
    say("a")
    with monkeypatch.context() as patched:
        patched.setattr(signer_asking, "ask", _another_signer)
        assert (seal.seal_all(), size(), gauges.refusals()) == (0, 0, [])


def _another_signer(address: str, path: str, body: bytes) -> signer_asking.Answer:
    if path == "/keys":
        return ask(address, path, body)
    text = body.partition(b"\n\n")[2].decode()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from bankside.record.log.note import SIGNS, public_key, sign

    private = Ed25519PrivateKey.from_private_bytes(sha256(b"other").digest())
    key = public_key(text.split("\n")[0], SIGNS, private)
    return signer_asking.Answer(200, note_bytes("", [sign(text, key, private)]).decode().lstrip("\n"))
