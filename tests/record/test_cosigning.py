"""A desk and witnesses: real processes on this machine, one that is away, and answers that are none."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bankside.__main__ import main
from bankside.record import (
    clock,
    cosigning,
    entry_proof,
    evidence,
    gauges,
    jobs,
    log_keys,
    published,
    reading,
    seal,
)
from bankside.record.log.note import SIGNS, note_bytes, parse_note, public_key, sign
from bankside.record.log.proofs import check_entry, check_head
from bankside.record.log.proving import leaf_at, prove_entry
from bankside.record.log.trust import parse_trust
from bankside.record.log.verify import verify_folder
from bankside.record.models import Checkpoint, Entry, Job, Witnessed
from bankside.record.package import making, selecting
from bankside.record.projection import payload_of
from tests.record import witnesses
from tests.record.tally import say
from tests.servers.program import free_port

pytestmark = [pytest.mark.django_db, pytest.mark.network]
NAME = "witness.example/w1"
NOW = clock.from_iso("2026-11-29T06:00:00Z")
HOUR_MS = 3_600_000


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def folder(settings: Any, tmp_path: Path, port: int) -> Iterator[Path]:
    """A published log of three entries; an auditor's folder, whose witness the desk was told of."""
    settings.LOG_FOLDER, settings.WITNESSES = tmp_path / "log", str(tmp_path / "witnesses")
    folder = tmp_path / "w"
    witnesses.asked("make", str(folder), NAME)
    lines = witnesses.asked("keys", str(folder), f"http://127.0.0.1:{port}/")
    (tmp_path / "witnesses").write_text(f"{lines}quorum none\n")
    seal._said.clear()
    with clock.frozen(NOW):
        say("하나", "둘", "셋")
        seal.seal_all()
        (folder / "logs").write_bytes(published.text_of(published.log_trust(1)))
        yield folder


def head() -> Checkpoint:
    return Checkpoint.objects.get(size__gt=0)


def kinds() -> list[int]:
    """Who has signed the head in the file."""
    shown = seal.folder_of(head().lane, head().year).read("checkpoint") or b""
    assert shown.decode() == head().note
    return [one.key.kind for one in check_head(shown, published.log_trust()).signed]


def test_the_published_head_and_proofs_carry_the_witness(folder: Path, port: int, settings: Any) -> None:
    with witnesses.serving(folder, port):
        [told] = cosigning.cosign_all()
        assert (told.witness, told.size, told.at, told.trouble) == (NAME, 3, NOW, "")
        assert kinds() == [0x01, 0x04, 0x06]
        assert cosigning._wanted(cosigning.witnesses()[0]) == []
        assert seal.seal_all() == 0 and kinds() == [0x01, 0x04, 0x06]
        say("넷")
        seal.seal_all()
        assert kinds() == [0x01]
        [told] = cosigning.cosign_all()
        assert (told.size, kinds()) == (4, [0x01, 0x04, 0x06])
    log = seal.folder_of(head().lane, head().year)
    given = published.text_of(published.log_trust()).replace(b"quorum none", f"quorum {NAME}-1".encode())
    trust = parse_trust(given)
    assert trust.quorum == f"{NAME}-1"
    assert len(check_entry(prove_entry(log, 1), leaf_at(log, 1), trust).signed) == 3
    assert verify_folder(settings.LOG_FOLDER, trust).holds
    assert verify_folder(settings.LOG_FOLDER).holds


def test_a_witness_that_is_away_for_a_day_holds_up_nothing(
    folder: Path, port: int, caplog: pytest.LogCaptureFixture, client: Any
) -> None:
    """Fault 41: the log grows; a warning is shown; it catches up; the gap is shown."""
    with witnesses.serving(folder, port):
        cosigning.cosign_all()
    for hour in range(1, 27):
        with clock.frozen(NOW + hour * HOUR_MS):
            say(f"시간 {hour}")
            assert seal.seal_all() == 1
            [told] = cosigning.cosign_all()
            assert (told.size, told.trouble) == (3, "is away: ConnectionRefusedError")
            assert len(gauges.witnesses_away()) == (hour > 25)
    with clock.frozen(NOW + 26 * HOUR_MS):
        [said] = gauges.witnesses_away()
        assert NAME in said and "for a day" in said
        assert client.get("/health").json()["witnesses_away"] == 1
        with witnesses.serving(folder, port):
            [told] = cosigning.cosign_all()
        assert (told.size, told.trouble, kinds()) == (29, "", [0x01, 0x04, 0x06])
        assert "again after 25 h: no head between 3 and 29 entries was shown to it" in caplog.text
        assert gauges.witnesses_away() == []


def test_what_a_witness_signed_stays_when_the_next_head_comes(folder: Path, port: int) -> None:
    """Each file says by itself who signed, also when the head has long been replaced."""
    with witnesses.serving(folder, port):
        cosigning.cosign_all()
        say("넷")
        seal.seal_all()
        cosigning.cosign_all()
    kept = list(evidence.kept())
    assert [(one.size, one.kind, one.name) for one in kept] == [
        (size, "cosigned", "witness.example_w1") for size in (3, 4)
    ]
    for one in kept:
        shown = check_head(evidence.read(one.path) or b"", published.log_trust())
        assert shown.head.size == one.size
        assert [signed.key.kind for signed in shown.signed] == [0x01, 0x04, 0x06]


def rows() -> list[Any]:
    return [reading.entry(n) for n in Entry.objects.order_by("seq").values_list("n", flat=True)]


def test_an_entry_is_proved_under_the_newest_head_that_a_witness_signed(
    folder: Path, port: int, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Heads go on every second: under the newest one a proof would carry no witness."""
    with witnesses.serving(folder, port):
        cosigning.cosign_all()
    say("넷")
    seal.seal_all()
    quorum = published.text_of(published.log_trust()).replace(b"quorum none", f"quorum {NAME}-1".encode())
    *seen, fresh = [entry_proof.proved(row) for row in rows()]
    assert [one.head.size for one in (*seen, fresh)] == [3, 3, 3, 4]
    for one in seen:
        assert len(check_entry(one.proof, one.leaf, parse_trust(quorum)).signed) == 3
    assert [one.key.kind for one in fresh.signed] == [0x01]
    assert main(["log", "prove", str(rows()[1].n)]) == 0
    assert capsysbinary.readouterr().out == seen[1].file


def signed_by_the_log(note: bytes) -> bytes:
    """The head of this note under the log's own signature, as whoever has its key can make it."""
    text = parse_note(note).text
    origin = text.split("\n", 1)[0]
    [private] = log_keys.private_keys(origin)
    return note_bytes(text, [sign(text, public_key(origin, SIGNS, private), private)])


@pytest.mark.parametrize("how", ["changed", "of another history", "signed, of another history", "gone"])
def test_a_kept_head_that_does_not_hold_leaves_the_published_one(folder: Path, port: int, how: str) -> None:
    with witnesses.serving(folder, port):
        cosigning.cosign_all()
    say("넷")
    seal.seal_all()
    [one] = evidence.kept()
    file = evidence.folder() / one.path
    note = file.read_bytes()
    file.chmod(0o600)
    lines = note.split(b"\n")
    other = b"\n".join([*lines[:2], b64encode(bytes(32)), *lines[3:]])
    file.write_bytes({
        "changed": note.replace(b"\n3\n", b"\n2\n"), "of another history": other,
        "signed, of another history": signed_by_the_log(other), "gone": b"",
    }[how])  # fmt: skip
    assert [entry_proof.proved(row).head.size for row in rows()] == [4, 4, 4, 4]


def test_a_second_witness_is_asked_for_the_head_that_the_first_has_just_signed(
    folder: Path, port: int, settings: Any, tmp_path: Path
) -> None:
    """Otherwise no head of a busy desk would ever carry both, and a quorum of two could never be had."""
    other, second = tmp_path / "w2", free_port()
    witnesses.asked("make", str(other), "witness.example/w2")
    lines = witnesses.asked("keys", str(other), f"http://127.0.0.1:{second}/")
    told = (tmp_path / "witnesses").read_text().replace("quorum none\n", lines)
    (tmp_path / "witnesses").write_text(f"{told}quorum none\n")
    (other / "logs").write_bytes((folder / "logs").read_bytes())
    with witnesses.serving(folder, port), witnesses.serving(other, second):
        for size in (3, 4):
            for one in cosigning.witnesses():
                cosigning._keep(one, cosigning._ask_all(one, cosigning._wanted(one)))
                say("더")
                seal.seal_all()
            assert {row.size for row in Witnessed.objects.all()} == {size if size == 3 else 5}
    found = entry_proof.proved(rows()[4])
    assert found.head.size == 5 < head().size
    assert {one.key.name.split("-")[0] for one in found.signed if one.key.kind != 1} == {
        NAME,
        "witness.example/w2",
    }


def test_a_package_is_proved_under_it_too_and_brings_the_evidence(
    folder: Path, port: int, settings: Any, tmp_path: Path
) -> None:
    with witnesses.serving(folder, port):
        cosigning.cosign_all()
    last = Entry.objects.latest("n").n
    say("넷")
    seal.seal_all()
    chosen = selecting.selection("all", selecting.Outside())
    (tmp_path / "out").mkdir()
    list(making.make(making.Plan(chosen, until=last, about={}), tmp_path / "out"))
    [shown] = (tmp_path / "out/heads").iterdir()
    assert [one.key.kind for one in check_head(shown.read_bytes(), published.log_trust()).signed] == [1, 4, 6]
    [kept] = [one for one in (tmp_path / "out/evidence").rglob("*") if one.is_file()]
    assert kept.name == "witness.example_w1.cosigned"


def test_an_absence_is_a_fact_when_it_ends(folder: Path, port: int) -> None:
    """Fault 41: the gap is shown."""
    with clock.frozen(NOW + HOUR_MS):
        cosigning.cosign_all()
    with clock.frozen(NOW + 3 * HOUR_MS), witnesses.serving(folder, port):
        cosigning.cosign_all()
        cosigning.cosign_all()
    [entry] = Entry.objects.filter(fact="record.evidence-missed")
    told = payload_of(entry.n)
    assert (told.kind, told.name, told.size_before, told.size) == ("cosigned", NAME, 0, 3)
    assert (told.from_ms, told.until_ms, entry.type) == (NOW + HOUR_MS, NOW + 3 * HOUR_MS, "gap")


def test_a_witness_says_from_where_it_goes_on(folder: Path, port: int) -> None:
    with witnesses.serving(folder, port):
        cosigning.cosign_all()
        Witnessed.objects.all().delete()
        say("넷", "다섯")
        seal.seal_all()
        [told] = cosigning.cosign_all()
        assert (told.size, told.trouble, kinds()) == (5, "", [0x01, 0x04, 0x06])


def test_another_history_is_not_signed(folder: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 9: whoever has the key of the log and writes it anew is found by the witness."""
    with witnesses.serving(folder, port):
        cosigning.cosign_all()
        say("넷")
        with monkeypatch.context() as patched:
            patched.setattr(cosigning, "_body", rewritten)
            seal.seal_all()
            [told] = cosigning.cosign_all()
        assert told.trouble.startswith("refused (422)")
        assert (told.size, kinds()) == (3, [0x01])


def rewritten(wanted: cosigning.Wanted, old: int) -> bytes:
    from bankside.record import log_keys
    from bankside.record.log.merkle import root_of
    from bankside.record.log.note import note_bytes, sign
    from bankside.record.log.proofs import Growth, growth_bytes
    from bankside.record.log.tiles import head_text

    origin = parse_note(wanted.note.encode()).text.split("\n")[0]
    text = head_text(origin, wanted.size, root_of([bytes([n]) * 32 for n in range(wanted.size)]))
    [key], [private] = log_keys.public_keys(origin), log_keys.private_keys(origin)
    path = (bytes(32), bytes(32), bytes(32))
    return growth_bytes(Growth(old, path, note_bytes(text, [sign(text, key, private)])))


def test_an_old_desk_is_told_that_the_witness_knows_more(folder: Path, port: int) -> None:
    with witnesses.serving(folder, port):
        before = head().note
        say("넷")
        seal.seal_all()
        cosigning.cosign_all()
        Checkpoint.objects.filter(size=4).update(size=3, note=before)
        [told] = cosigning.cosign_all()
        assert "a newer one, of 4 entries" in told.trouble


ANSWERS: dict[str, tuple[tuple[int, str, str], str]] = {
    "words": ((200, "text/plain", "hello\n"), "no signature"),
    "nothing": ((200, "text/plain", ""), "no signature"),
    "a size that is none": ((409, "text/x.tlog.size", "x\n"), "refused (409): x"),
    "no type": ((409, "text/plain", "2\n"), "refused (409): 2"),
    "sizes without end": ((409, "text/x.tlog.size", "1\n"), "another history"),
    "a size of nine pages": ((409, "text/x.tlog.size", "9" * 9000), "another history"),
    "hostile words": ((500, "text/html", "<b>\x1b[31m" * 900), "refused (500): <b> [31m"),
    "a stranger": ((200, "text/plain", "\u2014 stranger.example AAAAAAAA\n"), "each of its keys"),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_that_is_none_is_said(folder: Path, answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said, why = ANSWERS[answer]
    monkeypatch.setattr(cosigning, "_post", lambda *_: said)
    [told] = cosigning.cosign_all()
    assert why in told.trouble and told.trouble.isprintable() and len(told.trouble) <= 200
    assert (told.size, kinds()) == (0, [0x01])


def test_lines_for_a_head_that_is_not_the_newest_any_more_are_not_put_under_it(
    folder: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Callable[..., Any] = cosigning._post

    def meanwhile(*given: Any) -> Any:
        answer = real(*given)
        say("meanwhile")
        seal.seal_all()
        return answer

    with witnesses.serving(folder, port):
        with monkeypatch.context() as patched:
            patched.setattr(cosigning, "_post", meanwhile)
            [told] = cosigning.cosign_all()
        assert (told.size, head().size, kinds()) == (3, 4, [0x01])
        cosigning.cosign_all()
        assert kinds() == [0x01, 0x04, 0x06]


def test_the_worker_asks_every_five_minutes(folder: Path, port: int, settings: Any) -> None:
    assert (cosigning.plan(), cosigning.plan()) == (1, 0)
    with witnesses.serving(folder, port):
        assert jobs.run_due() == 1
        assert kinds() == [0x01, 0x04, 0x06]
        job = Job.objects.get(kind=cosigning.JOB)
        assert (job.state, job.due_at) == (Job.WAITING, NOW + 300_000)
    settings.WITNESSES = ""
    with clock.frozen(NOW + 300_000):
        assert (jobs.run_due(), cosigning.plan()) == (1, 0)
    assert Job.objects.get(kind=cosigning.JOB).state == Job.DONE
    settings.WITNESSES = str(folder.parent / "witnesses")
    assert cosigning.plan() == 1
    assert Job.objects.get(kind=cosigning.JOB).state == Job.WAITING


def test_keys_at_one_address_are_one_witness_and_those_without_one_are_not_asked(
    folder: Path, settings: Any
) -> None:
    [one] = cosigning.witnesses()
    assert (one.name, len(one.keys)) == (NAME, 2)
    file = Path(settings.WITNESSES)
    file.write_text(file.read_text().replace(f" {one.url}/", ""))
    assert (cosigning.witnesses(), len(published.log_trust().witnesses)) == ([], 2)
    settings.WITNESSES = ""
    assert (cosigning.witnesses(), published.log_trust().witnesses) == ([], {})
