"""The checking part of the examiner's page, under Node: vectors of 2.16, mutations, the same as `verify`."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from bankside.record.examiner import page
from bankside.record.log.note import COSIGNS_FOR_LONG, note_bytes, parse_note, public_key, sign
from bankside.record.log.tiles import Folder, head_text, parts_of
from bankside.record.log.trust import parse_trust, trust_text
from bankside.record.log.verify import verify_folder
from tests.record.foreign.tampering import Tampering
from tests.record.log.test_proving import KEY, ORIGIN, publish
from tests.record.log.test_verify import leaf
from tests.record.vectors import LEAVES, LOG_PRIVATE, PROOF, TIME, TRUST

NODE = shutil.which("node")
LEAVES_MANY = 700
CHANGED_MIN = 1000
SECONDS_MAX = 120
RUNNER = Path(__file__).with_name("checked.cjs")

pytestmark = pytest.mark.skipif(not NODE, reason="Node is missing: apt-get install nodejs")


def b64(data: bytes | str) -> str:
    return b64encode(data.encode() if isinstance(data, str) else data).decode()


def asked(cases: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the page's own code says of each case."""
    lines = "".join(f"{json.dumps(case)}\n" for case in cases)
    scripts = [str(page.HERE / name) for name in page.CHECKS]
    done = subprocess.run(
        [str(NODE), str(RUNNER), *scripts], input=lines, capture_output=True, text=True, check=False,
        timeout=SECONDS_MAX,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def entry_case(proof: str | bytes, leaf: bytes, trust: str = TRUST) -> dict[str, Any]:
    return {"kind": "proof", "proof": b64(proof), "leaf": b64(leaf), "trust": b64(trust)}


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return publish(tmp_path_factory.mktemp("log"), [leaf(seq) for seq in range(LEAVES_MANY)])


def test_the_vectors_of_the_sheet_hold() -> None:
    [told, other] = asked([entry_case(PROOF, LEAVES[1]), entry_case(PROOF, LEAVES[0])])
    assert told["holds"] and [one["name"] for one in told["signed"]] == [
        "record.bank.example/desk-1/2026", "witness.example/w1",
    ]  # fmt: skip
    assert [one["time"] for one in told["signed"]] == [0, TIME]
    assert not other["holds"]


def test_every_byte_of_the_vectors_counts() -> None:
    """Each byte of the proof and of the leaf, one bit flipped: rejected (T1)."""
    chance, proof = random.Random(16), PROOF.encode()
    flipped = [
        proof[:at] + bytes([proof[at] ^ 1 << chance.randrange(8)]) + proof[at + 1 :]
        for at in range(len(proof))
    ]
    leaves = [
        LEAVES[1][:at] + bytes([LEAVES[1][at] ^ 1 << chance.randrange(8)]) + LEAVES[1][at + 1 :]
        for at in range(len(LEAVES[1]))
    ]
    cases = [entry_case(one, LEAVES[1]) for one in flipped] + [entry_case(PROOF, one) for one in leaves]
    assert len(cases) == len(proof) + len(LEAVES[1])
    assert [n for n, told in enumerate(asked(cases)) if told["holds"]] == []


def test_a_witness_for_long_is_checked_too() -> None:
    private = MLDSA44PrivateKey.from_seed_bytes(bytes(range(32)))
    key = public_key("witness.example/pq1", COSIGNS_FOR_LONG, private)
    lines, _, note = PROOF.partition("\n\n")
    head = parse_note(note.encode())
    signature = sign(head.text, key, private, TIME)
    trust = TRUST.replace("quorum w1", f"witness pq {key.vkey}\nquorum pq")
    bad = signature._replace(raw=signature.raw[:-90] + b"\1" + signature.raw[-89:])
    cases = [
        entry_case(f"{lines}\n\n{note_bytes(head.text, (*head.signatures, one)).decode()}", LEAVES[1], trust)
        for one in (signature, bad, signature._replace(raw=bytes(8) + signature.raw[8:]))
    ]
    told = asked([*cases, entry_case(PROOF, LEAVES[1], trust)])
    assert [one["holds"] for one in told] == [True, False, False, False]
    assert (
        told[3]["problems"][0]["template"] == "Fewer witnesses have signed than your file of keys asks for."
    )


def case_of(sample: dict[str, Any], log: Folder) -> dict[str, Any]:
    """A sample of the foreign verifiers, as the page is given it."""
    trust = b64(trust_text([KEY]))
    if sample["Kind"] == "file":
        data = bytearray((log.read(sample["File"]) or b"")[: sample["Keep"]])
        if sample.get("Xor"):
            data[sample["At"]] ^= sample["Xor"]
        changed = bytes(data) + b64decode(sample.get("More", ""))
        return {
            "kind": "folder",
            "folder": str(log.path),
            "instead": {sample["File"]: b64(changed)},
            "trust": trust,
        }
    path = "".join(f"{one}\n" for one in sample["Path"])
    if sample["Kind"] == "entry":
        first = f"c2sp.org/tlog-proof@v1\nindex {sample['Index']}\n"
        return entry_case(
            f"{first}{path}\n{sample['Checkpoint']}", b64decode(sample["Leaf"]), trust_text([KEY])
        )
    kept = head_text(ORIGIN, sample["Old"], b64decode(sample["OldRoot"]))
    proof = f"old {sample['Old']}\n{path}\n{sample['Checkpoint']}"
    signed = note_bytes(kept, [sign(kept, KEY, LOG_PRIVATE)])
    return {"kind": "growth", "proof": b64(proof), "old": b64(signed), "trust": trust}


def test_every_structure_changed_in_every_way_is_rejected(log: Folder) -> None:
    """Heads, paths, entries, growth and files; at least 1,000 changed samples (T1, target 2)."""
    ways = Tampering(log, LEAVES_MANY)
    samples = [*ways.entries(15), *ways.growths(12), *ways.files(10)]
    said = asked(case_of(sample, log) for _, sample in samples)
    changed = [(name, told) for (name, _), told in zip(samples, said, strict=True) if name != "whole"]
    whole = [told for (name, _), told in zip(samples, said, strict=True) if name == "whole"]
    sys.stdout.write(
        f"\nexaminer's page: {sum(one['holds'] for one in whole)} of {len(whole)} whole samples accepted, "
        f"{sum(not told['holds'] for _, told in changed)} of {len(changed)} changed ones rejected\n"
    )
    assert [told["problems"] for told in whole if not told["holds"]] == []
    assert [name for name, told in changed if told["holds"]] == []
    assert len(changed) >= CHANGED_MIN, Counter(name for name, _ in changed)


def test_it_names_the_same_places_as_verify(log: Folder, tmp_path: Path) -> None:
    """Every file missing, cut off and with a byte changed: our two checks agree on where it is."""
    chance, trust = random.Random(7), parse_trust(trust_text([KEY]).encode())
    paths = ["checkpoint", *(part.path for part in parts_of(LEAVES_MANY))]
    copy = tmp_path / "log"
    shutil.copytree(log.path, copy)
    cases, places = [], []
    for path in paths:
        data = (log.path / path).read_bytes()
        at = chance.randrange(len(data) - 3)
        for changed in (None, data[:-1], data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]):
            instead = None if changed is None else b64(changed)
            cases.append({"kind": "folder", "folder": str(log.path), "instead": {path: instead},
                          "trust": b64(trust_text([KEY]))})  # fmt: skip
            (copy / path).unlink() if changed is None else (copy / path).write_bytes(changed)
            places.append({problem.place for problem in verify_folder(copy, trust).problems})
            (copy / path).write_bytes(data)
    said = [
        {one["place"].replace("tile/entries/", "E/") for one in told["problems"]} for told in asked(cases)
    ]
    ours = [
        {one.replace("tile/entries/", "E/").replace(" entry ", " #").replace(" hash ", " #") for one in found}
        for found in places
    ]
    assert all(ours) and said == ours


def test_files_of_older_and_of_coming_heads_may_lie_there_and_nothing_else(log: Folder) -> None:
    whole, tile = log.read("tile/0/002.p/188") or b"", "tile/0/002.p/"
    none = bytes(32)
    cases = [
        {f"{tile}9": whole[: 9 * 32]}, {f"{tile}189": whole + none}, {f"{tile}9": whole[32 : 10 * 32]},
        {"tile/0/070": none * 256}, {"notes.txt": b"x"}, {"tile/0/2.p/9": whole[: 9 * 32]},
    ]  # fmt: skip
    told = asked(
        {"kind": "folder", "folder": str(log.path), "instead": {k: b64(v) for k, v in one.items()}}
        for one in cases
    )
    assert [one["holds"] for one in told] == [True, True, False, False, False, False]
    assert all(one["entries"] == LEAVES_MANY for one in told)


def test_a_leaf_that_is_not_in_its_form_is_rejected() -> None:
    right = LEAVES[1]
    changed = [
        b'{"v":1}', b"[]", b"null", b"", b"\xff", right.replace(b'"v":1', b'"v":1.0'),
        right.replace(b'"v":1', b'"v":2'), right.replace(b'"seq":1', b'"seq":-0'),
        right.replace(b'"v":1', b'"v":1,"v":1'), right.replace(b"post.in", b"postin"),
        right.replace(b"2026-01-01T00:00:01", b"2026-02-30T00:00:01"), right + b"\n",
        right.replace(b'{"actor"', b'{ "actor"'), right.replace(b'"v":1', b'"v":1,"__proto__":{}'),
        right.replace(b'"seq":1', b'"seq":9007199254740993'), right.replace(b"post.in", b"shard"),
        right.replace(b"post.in", b"erase"), right.replace(b'"t"', b'"\\u0074"'),
        right.replace(b's:mastodon"', b's:Mastodon"'), right.replace(b'"type"', b'"att":[],"type"'),
    ]  # fmt: skip
    good, *bad = asked({"kind": "leaf", "leaf": b64(one)} for one in (right, *changed))
    assert good["holds"]
    assert [one for one, told in zip(changed, bad, strict=True) if told["holds"]] == []
