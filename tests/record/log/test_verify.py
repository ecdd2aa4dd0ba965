"""A published log is checked from its files alone, and every changed byte is found with its place."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bankside.record import clock
from bankside.record.log.leaf import leaf_bytes, leaf_hash
from bankside.record.log.merkle import Tree
from bankside.record.log.note import SIGNS, Key, note_bytes, public_key, sign
from bankside.record.log.tiles import head_text, pack, parts_of
from bankside.record.log.trust import parse_trust, trust_in, trust_text
from bankside.record.log.verify import PROBLEMS_MAX, verify_folder
from tests.record.vectors import LOG_KEY, LOG_PRIVATE, WITNESS_KEY, WITNESS_PRIVATE

VECTORS = [
    '{"actor":"s:setup","id":"ffffffffffffffffffffffffffffffff","obj":"eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee","pol":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","ret":"KR-FCPA-10Y","seq":0,"t":"2026-01-01T00:00:00.000Z","type":"config","v":1}',
    '{"actor":"s:mastodon","cm":"5631f9a7cb8700350be1c5d3442311d08a9dc5170273805b865a7bf4b1abb655","ct":"ff778f9bcc41c9261ba0477bb5bc14f7f2c37508bdc0d241fedd8454eef3ae24","id":"000102030405060708090a0b0c0d0e0f","obj":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","pol":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","ret":"KR-FCPA-10Y","seq":1,"src_t":"2026-01-01T00:00:00.500Z","subj":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","t":"2026-01-01T00:00:01.000Z","type":"post.in","v":1}',
]  # fmt: skip


def leaf(seq: int, **more: Any) -> bytes:
    fields: dict[str, Any] = {
        "v": 1, "seq": seq, "id": f"{seq:032x}", "obj": "e" * 32, "t": clock.iso(1_767_225_600_000 + seq),
        "type": "config", "actor": "s:test", "ret": "KR-FCPA-10Y", "pol": "0" * 64,
    }  # fmt: skip
    if more.get("type") == "shard":
        del fields["obj"]
    return leaf_bytes(fields | more)


def write_log(path: Path, leaves: list[bytes], origin: str = "record.bank.example/log/0/2026") -> bytes:
    """Writes the files of a log independently of how the desk publishes; its root."""
    tree = Tree()
    full = {(t.level, t.number): t.data for t in tree.extend(map(leaf_hash, leaves))}
    for part in parts_of(len(leaves)):
        if part.level < 0:
            data = pack(leaves[part.number * 256 : part.number * 256 + part.width])
        else:
            data = full.get((part.level, part.number)) or bytes(tree.edge[part.level])
        (path / part.path).parent.mkdir(parents=True, exist_ok=True)
        (path / part.path).write_bytes(data)
    (path / "checkpoint").write_text(head_text(origin, len(leaves), tree.root()))
    return tree.root()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "0" / "2026"
    write_log(path, [leaf(seq) for seq in range(600)])
    return path


def places(path: Path) -> list[str]:
    return [problem.place for problem in verify_folder(path).problems]


def test_the_two_leaves_of_the_format_give_its_root(tmp_path: Path) -> None:
    root = write_log(tmp_path, [vector.encode() for vector in VECTORS])
    assert (tmp_path / "checkpoint").read_text().splitlines()[
        2
    ] == "1Oej5d4kX7ehZ7+fQNSqC+2BdQeQXAV4wxPHytP2l38="
    assert root.hex().startswith("d4e7a3e5de245fb7")
    report = verify_folder(tmp_path)
    assert (report.entries, report.holds) == (2, True)


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 512, 600])
def test_a_log_of_any_size_holds(tmp_path: Path, size: int) -> None:
    write_log(tmp_path, [leaf(seq) for seq in range(size)])
    report = verify_folder(tmp_path)
    assert (report.entries, report.problems) == (size, [])


def test_every_log_under_a_folder_is_checked_and_named(log: Path) -> None:
    shutil.copytree(log, log.parent.parent / "1" / "2026")
    report = verify_folder(log.parent.parent)
    assert (report.logs, report.entries) == (["0/2026", "1/2026"], 1200)
    assert [p.place for p in report.problems] == ["1/2026/checkpoint"]


def test_an_empty_folder_is_no_log(tmp_path: Path) -> None:
    assert "no log is here" in verify_folder(tmp_path).problems[0].what


def test_a_flipped_byte_in_any_file_is_found_and_its_place_named(log: Path) -> None:
    """A sweep: each 997th byte of entries, each 193rd of tiles, each of the head but its host."""
    host = len("record.bank.example")
    swept = 0
    for file in sorted(p for p in log.rglob("*") if p.is_file()):
        data = file.read_bytes()
        name = file.relative_to(log).as_posix()
        every = 1 if name == "checkpoint" else 997 if "entries" in name else 193
        for at in range(host if name == "checkpoint" else 0, len(data), every):
            file.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
            found = places(log)
            assert found, f"{name} byte {at}"
            if name != "checkpoint":
                assert all(place.startswith(name) for place in found), f"{name} byte {at}: {found}"
            swept += 1
        file.write_bytes(data)
    assert swept > 200
    assert places(log) == []


def test_the_entry_or_the_hash_is_named_by_its_number(log: Path) -> None:
    tile = log / "tile/0/001"
    data = tile.read_bytes()
    tile.write_bytes(data[:96] + bytes(32) + data[128:])
    assert places(log) == ["tile/0/001 hash 259"]
    tile.write_bytes(data)
    bundle = log / "tile/entries/002.p/88"
    bundle.write_bytes(bundle.read_bytes().replace(b'"seq":520', b'"seq":521'))
    assert places(log) == ["tile/entries/002.p/88 entry 520", "tile/entries/002.p/88 entry 520"]


def test_a_file_that_is_gone_cut_off_or_strange_is_named(log: Path) -> None:
    for name in ("tile/0/001", "tile/1/000.p/2", "tile/entries/001", "checkpoint"):
        data = (log / name).read_bytes()
        (log / name).unlink()
        assert places(log) == [name]
        (log / name).write_bytes(data[:-1])
        assert set(places(log)) == {name}
        (log / name).write_bytes(data)
    (log / "tile/0/notes.txt").write_text("x")
    assert places(log) == ["tile/0/notes.txt"]


def test_unfinished_tiles_of_older_heads_may_stay_if_they_agree(log: Path) -> None:
    for name, newer in (("tile/0/001.p/5", "tile/0/001"), ("tile/0/002.p/7", "tile/0/002.p/88")):
        width = int(name.rpartition("/")[2])
        (log / name).parent.mkdir(exist_ok=True)
        (log / name).write_bytes((log / newer).read_bytes()[: 32 * width])
    assert places(log) == []
    (log / "tile/0/001.p/5").write_bytes(bytes(160))
    (log / "tile/0/002.p/90").write_bytes(bytes(32 * 90))
    assert places(log) == ["tile/0/001.p/5", "tile/0/002.p/90"]


@pytest.mark.parametrize("grown", [601, 768, 770])
def test_files_of_the_next_head_may_lie_there_if_they_go_on_from_this_one(log: Path, grown: int) -> None:
    """A desk that died between writing files and promising them leaves a log that holds."""
    head = (log / "checkpoint").read_bytes()
    write_log(log, [leaf(seq) for seq in range(grown)])
    (log / "checkpoint").write_bytes(head)
    assert places(log) == []
    ahead = max(set(parts_of(grown)) - set(parts_of(600)), key=lambda part: part.path).path
    data = (log / ahead).read_bytes()
    (log / ahead).write_bytes(b"\xff" * 32 + data[32:-1])
    assert places(log) == [ahead]
    (log / ahead).write_bytes(data)
    for name in ("tile/0/900", "tile/0/002.p/300", "tile/1/007.p/1", "tile/0/2.p/1"):
        (log / name).parent.mkdir(parents=True, exist_ok=True)
        (log / name).write_bytes(bytes(32))
        assert places(log) == [name]
        (log / name).unlink()


def test_a_leaf_that_is_not_canonical_or_in_another_place_is_named_even_if_all_hashes_agree(
    tmp_path: Path,
) -> None:
    leaves = [leaf(seq) for seq in range(4)]
    leaves[1] = leaves[1].replace(b'"v":1', b'"v": 1')
    leaves[2], leaves[3] = leaves[3], leaves[2]
    write_log(tmp_path, leaves)
    assert places(tmp_path) == [f"tile/entries/000.p/4 entry {n}" for n in (1, 2, 3)]


def test_a_year_goes_on_from_the_last_head_of_the_one_before(tmp_path: Path) -> None:
    old = "record.bank.example/log/0/2026"
    root = write_log(tmp_path / "0" / "2026", [leaf(0)], old)
    tie = {"type": "shard", "log": old, "size": 1, "root": root.hex()}
    new = "record.bank.example/log/0/2027"
    write_log(tmp_path / "0" / "2027", [leaf(0, **tie)], new)
    assert places(tmp_path) == []
    write_log(tmp_path / "0" / "2027", [leaf(0, **(tie | {"size": 2}))], new)
    assert places(tmp_path) == ["0/2027/tile/entries/000.p/1 entry 0"]


def test_a_head_that_promises_more_than_any_disk_holds_costs_little(log: Path) -> None:
    (log / "checkpoint").write_text(head_text("record.bank.example/log/0/2026", 10**15, bytes(32)))
    assert len(places(log)) == PROBLEMS_MAX


def test_it_runs_without_django(log: Path) -> None:
    program = (
        "import sys, json; from pathlib import Path; from bankside.record.log.verify import verify_folder;"
        "report = verify_folder(Path(sys.argv[1]));"
        "django = [name for name in sys.modules if name.startswith('django')];"
        "print(json.dumps([report.entries, report.holds, django]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(log)], capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(done.stdout) == [600, True, []]


def signed(log: Path, *signers: tuple[Key, Ed25519PrivateKey, int]) -> None:
    """Puts these signatures under the head."""
    text = (log / "checkpoint").read_text().partition("\n\n")[0].rstrip("\n") + "\n"
    (log / "checkpoint").write_bytes(note_bytes(text, [sign(text, *one) for one in signers]))


def test_every_signature_must_be_of_a_key_that_was_named_and_hold(log: Path) -> None:
    ours = (public_key("record.bank.example/log/0/2026", SIGNS, LOG_PRIVATE), LOG_PRIVATE, 0)
    witness = (WITNESS_KEY, WITNESS_PRIVATE, 1)
    trusts = {
        "log": trust_in(ours[0].vkey),
        "both": parse_trust(f"log {ours[0].vkey}\nwitness w {WITNESS_KEY.vkey}\nquorum w\n".encode()),
        "other": trust_in(LOG_KEY.vkey),
    }

    def found(name: str) -> list[str]:
        return [problem.what for problem in verify_folder(log, trusts[name]).problems]

    assert found("log") == ["is not signed"]
    signed(log, ours)
    assert found("log") == []
    assert found("both") == ["is not signed by as many witnesses as are asked for: w"]
    assert [what.partition(":")[0] for what in found("other")] == [
        "is signed with a key that is not trusted", "is not signed with a trusted key of " + ours[0].name,
    ]  # fmt: skip
    signed(log, ours, witness)
    assert found("both") == []
    assert [what.partition(":")[0] for what in found("log")] == ["is signed with a key that is not trusted"]
    signed(log, witness)
    assert found("both") == [f"is not signed with a trusted key of {ours[0].name}"]
    signed(log, (ours[0], WITNESS_PRIVATE, 0), witness)
    assert found("both") == [f"the signature of {ours[0].name} does not hold"]


def test_a_trust_file_beside_the_logs_is_used_and_its_damage_is_named(log: Path) -> None:
    ours = public_key("record.bank.example/log/0/2026", SIGNS, LOG_PRIVATE)
    signed(log, (ours, LOG_PRIVATE, 0))
    assert verify_folder(log).believed == "none"
    file = log.parent.parent / "trust"
    file.write_text(trust_text([ours]))
    for path in (log, log.parent, log.parent.parent):
        report = verify_folder(path)
        assert (report.believed, report.problems) == (str(file), [])
    data = file.read_bytes()
    for at in range(len(data)):
        file.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        assert [problem.place for problem in verify_folder(log).problems] == ["trust"], at
