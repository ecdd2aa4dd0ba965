"""The one-file witness: what it signs, what it refuses (record sheet 2.9), and that it stands alone."""

from __future__ import annotations

import ast
import http.client
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

import hypothesis
import hypothesis.strategies as st
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bankside.record.log.leaf import leaf_hash
from bankside.record.log.merkle import ProofWrong, consistency_proof, root_of, verify_consistency
from bankside.record.log.note import SIGNS, check, note_bytes, parse_note, parse_vkey, public_key, sign
from bankside.record.log.proofs import Growth, growth_bytes
from bankside.record.log.tiles import head_text
from tests.record import vectors, witnesses

LOG, NAME = vectors.ORIGIN, vectors.WITNESS
WITNESS = witnesses.module()


@pytest.fixture
def one() -> ModuleType:
    return WITNESS


@pytest.fixture
def witness(one: ModuleType, tmp_path: Path) -> Iterator[Any]:
    one.make(tmp_path, NAME)
    (tmp_path / "logs").write_text(f"log {vectors.LOG_KEY.vkey}\nquorum none\n")
    with closing(one.Witness(tmp_path)) as made:
        yield made


def hashes(count: int, word: str = "") -> list[bytes]:
    return [leaf_hash(f"{word}{number}".encode()) for number in range(count)]


def path(old: int, new: int, word: str = "") -> list[bytes]:
    leaves = hashes(new, word)
    if not 0 < old < new:
        return []
    return consistency_proof(
        lambda height, index: root_of(leaves[index << height : index + 1 << height]), old, new
    )


def note(
    size: int, word: str = "", private: Ed25519PrivateKey = vectors.LOG_PRIVATE, origin: str = LOG
) -> bytes:
    text = head_text(origin, size, root_of(hashes(size, word)))
    return note_bytes(text, [sign(text, public_key(origin, SIGNS, private), private)])


def request(old: int, new: int, word: str = "", checkpoint: bytes = b"") -> bytes:
    return growth_bytes(Growth(old, tuple(path(old, new, word)), checkpoint or note(new, word)))


def status(one: ModuleType, witness: Any, body: bytes) -> tuple[int, str, str]:
    try:
        return 200, witness.add_checkpoint(body), ""
    except one.Refused as refused:
        return refused.status, refused.said, refused.kind


def keys(tmp_path: Path) -> list[Any]:
    lines = witnesses.asked("keys", str(tmp_path), "https://w.example").splitlines()
    assert [line.split()[0] for line in lines] == ["witness"] * 2
    assert all(line.endswith(" https://w.example") for line in lines)
    return [parse_vkey(line.split()[2]) for line in lines]


def test_it_needs_the_standard_library_and_cryptography_alone(one: ModuleType) -> None:
    source = ast.parse(witnesses.FILE.read_text())
    names = {node.module or "" for node in ast.walk(source) if isinstance(node, ast.ImportFrom)}
    names |= {name.name for node in ast.walk(source) if isinstance(node, ast.Import) for name in node.names}
    outside = {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names)
    assert outside == {"cryptography"}


def test_it_signs_as_the_vectors_say(one: ModuleType) -> None:
    """Record sheet 2.16: the Ed25519 line byte for byte, and the message that ML-DSA-44 signs."""
    head = one.parse_head(vectors.HEAD)
    cosigner = one.Cosigner(one.ED25519, sha256(b"bankside test witness key").digest())
    assert cosigner.line(NAME, head, vectors.TIME) == vectors.WITNESS_LINE
    message = one.subtree("witness.example/pq1", vectors.TIME, head)
    assert len(message) == 120
    assert sha256(message).hexdigest() == "a358ad94cc98287f242a7550d88a36e8eca8a9fc5c68e9d7a268fbcafd28a441"


def test_a_log_that_grows_is_signed_with_both_keys_and_shown(
    one: ModuleType, witness: Any, tmp_path: Path
) -> None:
    known = keys(tmp_path)
    for old, new in ((0, 0), (0, 1), (1, 2), (2, 2), (2, 255), (255, 256), (256, 300)):
        lines = witness.add_checkpoint(request(old, new))
        text = note(new).decode()
        found = check(parse_note((text + lines).encode()), [vectors.LOG_KEY, *known])
        assert [one.key.kind for one in found] == [0x01, 0x04, 0x06]
        assert all(one.time > 1_700_000_000 for one in found[1:])
    shown = witness.shown(sha256(LOG.encode()).hexdigest())
    assert shown == note(300) + lines.encode()
    for name in ("", "../name", "0" * 64):
        with pytest.raises(one.Refused):
            witness.shown(name)


OTHER = Ed25519PrivateKey.from_private_bytes(sha256(b"other").digest())
NOTE = note(12)
REFUSED: dict[str, tuple[bytes, int, str]] = {
    "old is more than the head": (request(13, 12), 400, ""),
    "old is less than was signed": (request(5, 12), 409, "10"),
    "old is more than was signed": (request(11, 12), 409, "10"),
    "from nothing": (request(0, 12), 409, "10"),
    "back": (request(5, 5), 409, "10"),
    "another root at the same size": (request(10, 10, "other"), 409, "10"),
    "another history": (request(10, 12, "other"), 422, ""),
    "no proof": (growth_bytes(Growth(10, (), NOTE)), 422, ""),
    "more proof": (growth_bytes(Growth(10, (*path(10, 12), bytes(32)), NOTE)), 422, ""),
    "a proof where none is wanted": (growth_bytes(Growth(10, (bytes(32),), note(10))), 422, ""),
    "an unknown log": (request(0, 1, checkpoint=note(1, origin="other.example/log")), 404, ""),
    "an unknown key": (request(10, 12, checkpoint=note(12, private=OTHER)), 403, ""),
    "a bad signature": (request(10, 12, checkpoint=NOTE[:-8] + b"AAAA" + NOTE[-4:]), 403, ""),
    "unsigned": (request(10, 12, checkpoint=NOTE.partition(b"\n\n")[0] + b"\n"), 400, ""),
    "an old with a zero before": (request(10, 12).replace(b"old 10", b"old 010"), 400, ""),
    "no old": (request(10, 12).replace(b"old ", b"new "), 400, ""),
    "base64 that is not canonical": (request(10, 12).replace(b"=\n", b"==\n", 1), 400, ""),
    "64 hashes": (growth_bytes(Growth(10, (bytes(32),) * 64, NOTE)), 400, ""),
    "a fourth line": (request(10, 12).replace(b"\n\n\xe2", b"\nmore\n\n\xe2"), 400, ""),
    "a line that is cut off": (request(10, 12)[:-1], 400, ""),
    "not UTF-8": (request(10, 12) + b"\xff\n", 400, ""),
    "a control character": (request(10, 12).replace(b"old", b"old\r"), 400, ""),
    "a signature twice": (request(10, 12) + NOTE.partition(b"\n\n")[2], 400, ""),
    "nothing": (b"", 400, ""),
}


@pytest.mark.parametrize("what", REFUSED)
def test_anything_else_is_refused_and_changes_nothing(
    one: ModuleType, witness: Any, tmp_path: Path, what: str
) -> None:
    witness.add_checkpoint(request(0, 10))
    [memory] = (tmp_path / "heads").iterdir()
    before = memory.read_bytes()
    body, code, said = REFUSED[what]
    found = status(one, witness, body)
    assert found[0] == code
    assert found[1] == said or not said
    assert (found[2] == "text/x.tlog.size") == (code == 409)
    assert memory.read_bytes() == before
    assert status(one, witness, request(10, 11))[0] == 200


def test_signatures_of_others_are_let_be(one: ModuleType, witness: Any) -> None:
    text = NOTE.partition(b"\n\n")[0].decode() + "\n"
    both = note_bytes(text, [sign(text, public_key(LOG, SIGNS, OTHER), OTHER)]) + NOTE.partition(b"\n\n")[2]
    assert status(one, witness, request(0, 12, checkpoint=both))[0] == 200


def test_size_zero_needs_the_empty_root(one: ModuleType, witness: Any) -> None:
    text = head_text(LOG, 0, bytes(32))
    signed = note_bytes(text, [sign(text, vectors.LOG_KEY, vectors.LOG_PRIVATE)])
    assert status(one, witness, growth_bytes(Growth(0, (), signed)))[0] in (409, 422)


def test_of_two_heads_at_once_one_wins(one: ModuleType, witness: Any) -> None:
    """Fault 13: compare and store are one step."""
    found: list[int] = []
    bodies = [request(0, 5, word) for word in ("a", "b") * 8]
    threads = [threading.Thread(target=lambda b=b: found.append(status(one, witness, b)[0])) for b in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [200] + [409] * 15


def test_a_disk_that_refuses_means_no_signature(
    one: ModuleType, witness: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step that makes it durable fails once; what is answered afterwards goes on from what is kept."""
    size = 0
    for number in (1, 2, 3):
        left, real = [number], os.fsync

        def failing(descriptor: int, left: list[int] = left, real: Any = real) -> None:
            left[0] -= 1
            if not left[0]:
                raise OSError(5, "Input/output error")
            real(descriptor)

        with monkeypatch.context() as patched, pytest.raises(OSError):
            patched.setattr(os, "fsync", failing)
            witness.add_checkpoint(request(size, size + 1))
        size = witness._last(LOG).size
        assert status(one, witness, request(size, size + 2))[0] == 200
        size += 2


@pytest.mark.parametrize("damage", [b"", b"\xff", b"x\n", LOG.encode(), f"{LOG}\n3\nAAAA\n\nx".encode()])
def test_a_damaged_memory_signs_nothing(one: ModuleType, witness: Any, tmp_path: Path, damage: bytes) -> None:
    witness.add_checkpoint(request(0, 10))
    [memory] = (tmp_path / "heads").iterdir()
    memory.write_bytes(damage)
    assert status(one, witness, request(10, 11))[0] == status(one, witness, request(0, 11))[0] == 500


def test_two_on_one_folder_and_weak_keys_are_refused(one: ModuleType, witness: Any, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="another witness"):
        one.Witness(tmp_path)
    with pytest.raises(SystemExit, match="new folder"):
        one.make(tmp_path, NAME)
    assert (tmp_path / "ed25519").stat().st_mode & 0o077 == 0
    witness.close()
    (tmp_path / "ed25519").unlink()
    (tmp_path / "ed25519").write_bytes(bytes(32))
    with pytest.raises(SystemExit, match="random"):
        one._cosigners(tmp_path, NAME)


@hypothesis.given(st.integers(1, 40), st.integers(0, 40), st.integers(0, 400), st.integers(0, 3))
@hypothesis.settings(max_examples=200)
def test_it_finds_the_same_proofs_good_as_we_do(old: int, more: int, spoiled: int, how: int) -> None:
    new = old + more
    proof, roots = path(old, new), [root_of(hashes(old)), root_of(hashes(new))]
    if how == 1 and proof:
        proof[spoiled % len(proof)] = bytes(32)
    if how == 2:
        proof = proof[: spoiled % (len(proof) + 1)]
    if how == 3:
        roots[spoiled % 2] = bytes(32)
    try:
        verify_consistency(old, new, *roots, proof)
        good = True
    except ProofWrong:
        good = False
    assert WITNESS.is_consistent(old, new, *roots, proof) == good
    assert good or how


@pytest.mark.network
def test_it_serves_as_a_process_of_its_own(tmp_path: Path) -> None:
    witnesses.asked("make", str(tmp_path), NAME)
    (tmp_path / "logs").write_text(f"log {vectors.LOG_KEY.vkey}\nquorum none\n")
    with witnesses.serving(tmp_path) as address:
        port = int(address.rpartition(":")[2])
        assert ask(port, "POST", "/any/add-checkpoint", request(0, 3))[0] == 200
        assert ask(port, "POST", "/add-checkpoint", request(0, 3)) == (409, "text/x.tlog.size", b"3\n")
        assert ask(port, "POST", "/add-checkpoint", b"x" * 300_000)[0] == 400
        assert ask(port, "POST", "/", b"")[0] == ask(port, "GET", "/", b"")[0] == 404
        code, kind, shown = ask(port, "GET", f"/any/{sha256(LOG.encode()).hexdigest()}/checkpoint", b"")
        assert (code, kind, shown[: len(note(3))]) == (200, "text/plain; charset=utf-8", note(3))
        assert ask(port, "GET", "/../../ed25519/checkpoint", b"")[0] == 404
    with witnesses.serving(tmp_path) as address:
        port = int(address.rpartition(":")[2])
        assert ask(port, "POST", "/add-checkpoint", request(0, 4))[2] == b"3\n"
        assert ask(port, "POST", "/add-checkpoint", request(3, 4))[0] == 200


def ask(port: int, method: str, place: str, body: bytes) -> tuple[int, str | None, bytes]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=witnesses.SECONDS_MAX)
    with closing(line):
        with suppress(BrokenPipeError, ConnectionResetError):  # refused before it was read
            line.request(method, place, body)
        answer = line.getresponse()
        return answer.status, answer.getheader("Content-Type"), answer.read()
