"""The signer by commands, and what the log's commands say of it and of witnesses."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bankside.people import staff
from bankside.record import log_keys, recovery, seal
from bankside.record.log.note import check, parse_note
from bankside.record.models import Checkpoint, Entry
from bankside.record.signer import Signer
from bankside.record.signer_asking import Answer
from bankside.record.signing import NotSigned
from tests.commands.ask import Ask
from tests.record import witnesses
from tests.record.tally import say

pytestmark = pytest.mark.django_db


@pytest.fixture
def signer(folder: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desk that asks the signer of this folder, which is opened anew for each request."""
    place = folder / "s"

    def ask(_: str, path: str, body: bytes) -> Answer:
        with closing(Signer(place, settings.LOG_ORIGIN_HOST)) as one:
            if path == "/add-checkpoint":
                return one.answer(body)
            return one.told_head(body.decode()) if path == "/head" else one.told_keys(body.decode())

    monkeypatch.setattr("bankside.record.signer_asking.ask", ask)
    settings.SIGNER = "unix:/there"
    log_keys.forget()
    seal._said.clear()
    return place


def signatures() -> int:
    [row] = Checkpoint.objects.filter(size__gt=0)
    keys = log_keys.public_keys(seal.origin_of(row.lane, row.year))
    return len(check(parse_note(row.note.encode()), keys))


def test_a_desk_that_signed_for_itself_gives_its_key_and_heads_to_a_signer(
    ask: Ask, folder: Path, settings: Any
) -> None:
    say("a", "b")
    seal.seal_all()
    before = Checkpoint.objects.get(size__gt=0).note
    [file] = folder.glob("log/0/*/checkpoint") or folder.glob("log/*/*/checkpoint")
    place = folder / "s"
    place.mkdir()
    (place / "key").write_bytes(settings.LOG_KEY_FILE.read_bytes())
    host = settings.LOG_ORIGIN_HOST
    said = ask("signer", str(place), "--host", host, "--adopt", str(file))
    assert (said.code, said.out.startswith("goes on from 2 entries of ")) == (0, True)
    assert ask("signer", str(place), "--host", host, "--adopt", str(file), "--json").json["size"] == 2
    file.write_bytes(before.encode().replace(b"\n2\n", b"\n3\n"))
    said = ask("signer", str(place), "--host", host, "--adopt", str(file))
    assert (said.code, "does not hold" in said.err) == (1, True)


def test_what_is_not_said_is_asked_for(ask: Ask, tmp_path: Path) -> None:
    assert ask("signer", str(tmp_path)).code == 2
    assert "say where to listen" in ask("signer", str(tmp_path), "--host", "a.example").err
    said = ask("signer", str(tmp_path), "--host", "a.example", "--listen", "0.0.0.0:7411")
    assert (said.code, "is not unix:/a/path" in said.err) == (1, True)


def test_publishing_stops_when_the_signer_refuses_and_says_so(ask: Ask, signer: Path) -> None:
    say("a")
    assert ask("log", "publish").out == "1 heads published\n"
    [memory] = (signer / "heads").iterdir()
    kept = memory.read_text()
    memory.write_text(kept.replace("\n1\n", "\n7\n", 1))
    say("b")
    said = ask("log", "publish")
    assert (said.code, said.out) == (1, "")
    assert "is not published: the signer has signed 7 entries of" in said.err
    memory.write_text(kept)
    assert seal.seal_all() == 0
    assert ask("log", "publish").out == "1 heads published\n"
    assert not Checkpoint.objects.exclude(refused="").exists()
    assert recovery.mode() is not None, "it takes two people to go on"


def ahead(head: str, size: int) -> str:
    """The memory of a signer that has signed so many entries."""
    origin, _, root = head.splitlines()
    return f"{origin}\n{size}\n{root}\n"


def two(role: str = "records-officer") -> tuple[str, ...]:
    """The flags that name two people."""
    names = ("mina@hanulbank.example", "jiwon@hanulbank.example")
    for name in names:
        staff.add(name, name, role=role)
    return ("--by", names[0], "--and", names[1])


def test_two_people_end_recovery_mode_by_a_command(ask: Ask, signer: Path) -> None:
    people = (*two(), "--reason", "looked")
    assert "is not in recovery mode" in ask("log", "recover", *people).err
    say("a")
    ask("log", "publish")
    [memory] = (signer / "heads").iterdir()
    kept = memory.read_text()
    memory.write_text(ahead(kept, 77))
    say("b")
    assert ask("log", "publish").code == 1
    same = ("--by", people[1], "--and", people[1], "--reason", "looked")
    assert "It takes two people" in ask("log", "recover", *same).err
    said = ask("log", "recover", *people)
    assert (said.code, said.out) == (1, "")
    assert "77 entries of" in said.err and "First look for a newer backup" in said.err
    memory.write_text(kept)
    said = ask("log", "recover", *people)
    assert (said.code, said.out) == (0, "The desk goes on.\nnothing was lost\n")
    memory.write_text(ahead(kept, 99))
    say("c")
    ask("log", "publish")
    said = ask("log", "recover", *people, "--without-lost", "--json")
    assert (said.code, [origin[-2:] for origin in said.json["opened"]]) == (0, ["-1"])
    assert "of the 99 entries that were signed" in ask("verify").out


def test_a_signer_that_is_frozen_signs_nothing_until_it_is_told(
    ask: Ask, signer: Path, settings: Any
) -> None:
    say("a")
    ask("log", "publish")
    words = ("signer", str(signer), "--host", settings.LOG_ORIGIN_HOST)
    assert ask(*words, "--unfreeze").code == 1
    assert ask(*words, "--freeze", "a break-in is being looked at").out == "signs nothing\n"
    say("b")
    assert ask("log", "publish").out == "0 heads published\n"
    with pytest.raises(NotSigned, match=r"503.: frozen: a break-in is being looked at"):
        seal.seal(seal.logs()[0], Checkpoint.objects.filter(size__gt=0).first())
    assert recovery.mode() is None, "a signer that is frozen refuses nothing: the desk goes on adding"
    assert ask(*words, "--freeze", "x", "--unfreeze").code == 1
    assert ask(*words, "--unfreeze").out == "signs again\n"
    assert ask("log", "publish").out == "1 heads published\n"


def test_the_key_of_a_signer_is_changed_there_first(ask: Ask, signer: Path, settings: Any) -> None:
    say("a")
    ask("log", "publish")
    words = ("signer", str(signer), "--host", settings.LOG_ORIGIN_HOST, "--rotate")
    people = two("key-custodian")
    assert ask("log", "rotate").code == 2
    assert "It takes two people" in ask("log", "rotate", "--by", people[1], "--and", people[1]).err
    rotate = ("log", "rotate", *people)
    assert "one alone: first `bankside signer FOLDER --rotate begin` there" in ask(*rotate).err
    assert ask(*words, "begin").out == "rotation: begin\n"
    assert ask(*words, "begin").code == 1
    assert ask(*rotate).out == "rotation begun\n"
    assert (signatures(), ask(*rotate, "--lost").code) == (2, 1)
    assert ask(*rotate, "--end").out == "rotation ended\n"
    assert ask(*words, "end").out == "rotation: end\n"
    log_keys.forget()
    say("b")
    ask("log", "publish")
    assert (signatures(), ask("verify", str(settings.LOG_FOLDER)).code) == (1, 0)
    assert Entry.objects.filter(fact="record.log-key-changed").count() == 2
    assert not settings.LOG_KEY_FILE.with_name("log.before").exists()


@pytest.mark.network
def test_witnesses_are_asked_by_a_command(ask: Ask, folder: Path, settings: Any) -> None:
    assert (ask("log", "cosign").code, ask("log", "cosign").out) == (0, "")
    say("a", "b")
    seal.seal_all()
    place = folder / "w"
    witnesses.asked("make", str(place), "witness.example/w1")
    (place / "logs").write_text(ask("log", "keys").out)
    settings.WITNESSES = str(folder / "witnesses")
    with witnesses.serving(place) as address:
        Path(settings.WITNESSES).write_text(witnesses.asked("keys", str(place), address) + "quorum none\n")
        said = ask("log", "cosign")
        assert (said.code, "2 entries signed, 20" in said.out) == (0, True)
    say("c")
    seal.seal_all()
    [told] = ask("log", "cosign", "--json").json
    assert (told["size"], told["trouble"]) == (2, "is away: ConnectionRefusedError")
    assert ask("log", "cosign").code == 1
    assert ask("log", "keys").out.count("\nwitness witness.example/w1-") == 2
    Path(settings.WITNESSES).write_text("hello\n")
    assert "BANKSIDE_WITNESSES: line 1" in ask("log", "cosign").err
