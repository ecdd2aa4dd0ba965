"""The signer: a process that remembers what it signed and never signs what does not go on from it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bankside.record import log_secret, signer_asking
from bankside.record.keys import KeyMissing
from bankside.record.log.merkle import EMPTY_ROOT, root_of
from bankside.record.log.note import NoteWrong, check, parse_note
from bankside.record.log.proofs import Growth, growth_bytes
from bankside.record.log.tiles import head_text
from bankside.record.signer import MemoryWrong, Signer, SignerBusy
from bankside.record.signer_asking import AddressWrong, ask
from bankside.record.signer_door import door
from tests.record.signers import HOST, LOG, SECONDS_MAX, hashes, request


@pytest.fixture
def signer(tmp_path: Path) -> Iterator[Signer]:
    with closing(Signer(tmp_path / "s", HOST)) as made:
        yield made


def test_heads_that_go_on_are_signed_and_the_same_head_gets_the_same_signature(signer: Signer) -> None:
    sizes = (0, 1, 2, 3, 255, 256, 300)
    for old, new in pairwise(sizes):
        answer = signer.answer(request(old, new))
        assert answer.status == 200
        text = head_text(LOG, new, root_of(hashes(new)))
        note = parse_note(f"{text}\n{answer.body}".encode())
        assert [one.key for one in check(note, signer.keys(LOG))] == signer.keys(LOG)
        assert signer.answer(request(new, new)) == answer


REFUSED: dict[str, tuple[bytes, int, str]] = {
    "smaller": (request(5, 5), 409, "10\n"),
    "from less than was signed": (request(5, 12), 409, "10\n"),
    "from more than was signed": (request(11, 12), 409, "10\n"),
    "from nothing": (request(0, 12), 409, "10\n"),
    "another root at the same size": (request(10, 10, "other"), 409, "10\n"),
    "another history": (request(10, 12, "other"), 422, ""),
    "no proof": (growth_bytes(Growth(10, (), head_text(LOG, 12, root_of(hashes(12))).encode())), 422, ""),
    "backwards": (request(12, 10), 400, ""),
    "no request": (b"hello", 400, ""),
    "not three lines": (request(10, 12) + b"more\n", 400, ""),
    "not UTF-8": (request(10, 12) + b"\xff\n", 400, ""),
    "another host": (request(0, 1, origin="other.example/log/0/2026"), 404, ""),
    "no log": (request(0, 1, origin=f"{HOST}.evil.example/log/0/2026"), 404, ""),
}


@pytest.mark.parametrize("what", REFUSED)
def test_anything_else_is_refused_and_changes_nothing(signer: Signer, what: str) -> None:
    body, status, said = REFUSED[what]
    assert signer.answer(request(0, 10)).status == 200
    answer = signer.answer(body)
    assert answer.status == status
    assert answer.body == said or not said
    assert (answer.type == "text/x.tlog.size") == (status == 409)
    assert signer.answer(request(10, 11)).status == 200


def test_from_nothing_there_is_no_proof(signer: Signer) -> None:
    head = head_text(LOG, 2, root_of(hashes(2))).encode()
    assert signer.answer(growth_bytes(Growth(0, (bytes(32),), head))).status == 422
    assert signer.answer(request(0, 2)).status == 200


def test_what_was_signed_is_durable_before_it_is_answered(
    signer: Signer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails at each step that makes it durable: nothing is signed, or the memory has it (faults 1, 2, 25)."""
    for number in range(1, 4):
        left = [number]
        real = os.fsync

        def failing(descriptor: int, left: list[int] = left, real: Any = real) -> None:
            left[0] -= 1
            if not left[0]:
                raise OSError(28, "No space left on device")
            real(descriptor)

        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", failing)
            before = signer._last(LOG)
            try:
                answer = signer.answer(request(before.size, before.size + 1))
            except OSError:
                continue
            assert answer.status == 200
        assert signer._last(LOG).size == before.size + 1
    assert signer.answer(request(signer._last(LOG).size, 9)).status == 200


def test_it_remembers_after_it_was_started_again(tmp_path: Path) -> None:
    with closing(Signer(tmp_path, HOST)) as first:
        signature = first.answer(request(0, 7))
    with closing(Signer(tmp_path, HOST)) as second:
        assert second.answer(request(0, 7)).status == 409
        assert second.answer(request(7, 7)) == signature
        assert second.answer(request(7, 8)).status == 200


def test_two_signers_on_one_folder_are_one(signer: Signer, tmp_path: Path) -> None:
    """Fault 13."""
    with pytest.raises(SignerBusy):
        Signer(tmp_path / "s", HOST)


def test_of_two_heads_asked_at_once_one_wins(signer: Signer) -> None:
    """Fault 13: never two roots for one size."""
    answers: list[int] = []
    asked = [request(0, 5, word) for word in ("a", "b") * 8]
    threads = [
        threading.Thread(target=lambda b=body: answers.append(signer.answer(b).status)) for body in asked
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(answers) == [200] + [409] * 15


@pytest.mark.parametrize(
    "secret",
    [bytes(32), b"\x07" * 32, bytes(range(32)), bytes(range(250, 250 - 64, -2)), b"ab" * 16, b"\x80\x81" * 16,
     b"0123456789abcdefghijklmnopqrstuv", b"short", os.urandom(33)],
    ids=["zero", "one", "counts up", "counts down", "two letters", "two bytes", "text", "short", "long"],
)  # fmt: skip
def test_a_key_that_was_not_drawn_by_chance_is_refused(tmp_path: Path, secret: bytes) -> None:
    (tmp_path / "key").write_bytes(secret)
    with pytest.raises(KeyMissing, match="random"):
        Signer(tmp_path, HOST)


def test_keys_of_chance_are_not_weak() -> None:
    assert not any(log_secret.is_weak(sha256(bytes([n, m])).digest()) for n in range(64) for m in range(64))


def test_a_key_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    with closing(Signer(tmp_path, HOST)) as first:
        first.answer(request(0, 7))
    (tmp_path / "key").unlink()
    log_secret.forget()
    with pytest.raises(KeyMissing, match="is missing"):
        Signer(tmp_path, HOST)


@pytest.mark.parametrize(
    "damage", [b"", b"\xff\xfe", b"x\n7\n", head_text("other/log/0/1", 1, EMPTY_ROOT).encode()]
)
def test_a_damaged_memory_signs_nothing(signer: Signer, tmp_path: Path, damage: bytes) -> None:
    signer.answer(request(0, 7))
    [memory] = (tmp_path / "s" / "heads").iterdir()
    memory.write_bytes(damage)
    for body in (request(0, 7), request(7, 8), request(7, 7)):
        with pytest.raises(MemoryWrong):
            signer.answer(body)


def test_it_goes_on_from_a_head_that_its_key_signed_and_never_back(tmp_path: Path) -> None:
    text = head_text(LOG, 7, root_of(hashes(7)))
    with closing(Signer(tmp_path, HOST)) as one:
        answer = one.answer(request(0, 7))
        later = one.answer(request(7, 9))
    head7 = f"{text}\n{answer.body}".encode()
    head9 = f"{head_text(LOG, 9, root_of(hashes(9)))}\n{later.body}".encode()
    [memory] = (tmp_path / "heads").iterdir()
    memory.unlink()
    with closing(Signer(tmp_path, HOST)) as again:
        assert again.answer(request(9, 10)).body == "0\n"
        assert again.adopt(head9).size == 9
        with pytest.raises(ValueError, match="goes not back"):
            again.adopt(head7)
        with pytest.raises(NoteWrong):
            again.adopt(head9.replace(b"\n9\n", b"\n8\n"))
        assert again.answer(request(9, 10)).status == 200


def test_its_key_is_changed_in_two_steps(signer: Signer) -> None:
    first = signer.keys(LOG)
    signer.begin_rotation()
    assert signer.keys(LOG)[1:] == first
    with pytest.raises(ValueError, match="already"):
        signer.begin_rotation()
    assert signer.answer(request(0, 3)).body.count("\n") == 2
    signer.end_rotation()
    assert len(signer.keys(LOG)) == 1
    with pytest.raises(ValueError, match="no key"):
        signer.end_rotation()


@pytest.mark.parametrize(
    "address", ["", "unix:", "unix:relative", "0.0.0.0:7000", "localhost:7", "127.0.0.1:x"]
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(AddressWrong):
        signer_asking.place_of(address)


@pytest.mark.network
def test_it_is_reached_on_this_machines_own_address_and_not_by_browsers(signer: Signer) -> None:
    import http.client

    server = door(signer, "127.0.0.1:0")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    port = server.server_address[1]  # type: ignore[attr-defined]
    try:
        assert ask(f"127.0.0.1:{port}", "/add-checkpoint", request(0, 2)).status == 200
        assert ask(f"127.0.0.1:{port}", "/keys", LOG.encode()).body == f"{signer.keys(LOG)[0].vkey}\n"
        assert ask(f"127.0.0.1:{port}", "/keys", b"other").status == 404
        assert ask(f"127.0.0.1:{port}", "/", b"").status == 404
        for size in (70_000, 5_000_000):  # the line is closed while there is more to send
            assert ask(f"127.0.0.1:{port}", "/keys", b"x" * size).status == 400
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS_MAX)
        line.request("POST", "/add-checkpoint", request(2, 3), {"Origin": "http://evil.example"})
        assert line.getresponse().status == 403
        line.close()
    finally:
        server.shutdown()
        server.server_close()
