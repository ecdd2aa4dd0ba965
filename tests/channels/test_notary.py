"""The notary: authorities and copies on this machine, one that is away for a day, and all of it again."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bankside.channels import alarms, kept_checks, notary, standing
from bankside.channels.models import Notarised
from bankside.commands import main
from bankside.record import audit, clock, evidence, jobs, seal
from bankside.record.models import Checkpoint, Entry, Job
from bankside.record.projection import payload_of
from tests.channels import locking, stamping
from tests.record.tally import say
from tests.servers.program import free_port

pytestmark = [pytest.mark.django_db, pytest.mark.network]
NOW = clock.from_iso("2026-11-29T06:00:00Z")
HOUR = 3_600_000


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    at = tmp_path_factory.mktemp("authorities")
    return [stamping.made(at / name) for name in ("first", "second")]


@pytest.fixture
def ports() -> list[int]:
    first = free_port(2)
    return [first, first + 1]


@pytest.fixture(autouse=True)
def set_up(settings: Any, tmp_path: Path, authorities: list[Path], ports: list[int]) -> Iterator[None]:
    """Two authorities, a folder for copies, and a published log of three entries."""
    settings.LOG_FOLDER, settings.WITNESSES = tmp_path / "log", ""
    settings.WIRE_PRIVATE_HOSTS = frozenset(f"127.0.0.1:{port}" for port in ports)
    settings.TIMESTAMPERS = str(tmp_path / "timestampers.toml")
    settings.WORM_COPIES = str(tmp_path / "copies.toml")
    (tmp_path / "timestampers.toml").write_text(
        "".join(
            f'[{one.name}]\nurl = "http://127.0.0.1:{port}/"\nroots = "{one}/ca.pem"\n'
            for one, port in zip(authorities, ports, strict=True)
        )
    )
    (tmp_path / "copies.toml").write_text(f'[vault]\nfolder = "{tmp_path}/vault"\n')
    with clock.frozen(NOW):
        say("하나", "둘", "셋")
        seal.seal_all()
        yield


def work() -> None:
    """What is due now, until nothing is."""
    notary.plan()
    for _ in range(5):
        if not jobs.run_due():
            return


def kept() -> list[str]:
    return [one.path for one in evidence.kept()]


def kinds() -> set[str]:
    return {one.kind for one in alarms.alarms()}


def test_two_authorities_stamp_the_text_and_openssl_says_so(
    authorities: list[Path], ports: list[int], tmp_path: Path
) -> None:
    with stamping.serving(authorities[0], ports[0]), stamping.serving(authorities[1], ports[1]):
        assert notary.plan() == 3 and notary.plan() == 0
        work()
    assert kept() == [f"0/2026/3/{name}" for name in ("first.tsr", "head", "second.tsr", "text")]
    there = tmp_path / "evidence/0/2026/3"
    assert (there / "text").read_text() == Checkpoint.objects.get(size=3).note.partition("\n\n")[0] + "\n"
    for one in authorities:
        stamp, root = str(there / f"{one.name}.tsr"), str(one / "ca.pem")
        said = stamping.openssl(
            one, "ts", "-verify", "-data", str(there / "text"), "-in", stamp, "-CAfile", root
        )
        assert b"Verification: OK" in said
    assert not (tmp_path / "log/evidence").exists()
    assert [(row.size, row.trouble) for row in Notarised.objects.filter(kind="stamp")] == [(3, "")] * 2
    assert audit.audit().holds
    assert kinds() == set()


def test_what_did_not_grow_is_not_stamped_again(authorities: list[Path], ports: list[int]) -> None:
    with stamping.serving(authorities[0], ports[0]) as one, stamping.serving(authorities[1], ports[1]):
        work()
        with clock.frozen(NOW + 2 * HOUR):
            work()
            assert len(one.asked) == 1 and kinds() == set()
            say("넷")
            seal.seal_all()
        with clock.frozen(NOW + 3 * HOUR):
            work()
    assert len(one.asked) == 2
    assert {path for path in kept() if path.endswith(".tsr")} == {
        f"0/2026/{size}/{name}.tsr" for size in (3, 4) for name in ("first", "second")
    }


def test_an_authority_that_is_away_for_a_day_holds_up_nothing(
    authorities: list[Path], ports: list[int], client: Any
) -> None:
    """Fault 41 and target 5: the log grows; a warning is shown; it catches up; the gap is shown."""
    with stamping.serving(authorities[1], ports[1]):
        with stamping.serving(authorities[0], ports[0]):
            work()
        for hour in (1, 2, 3, 25):
            with clock.frozen(NOW + hour * HOUR):
                say(f"시간 {hour}")
                assert seal.seal_all() == 1
                work()
                late = [one for one in alarms.alarms() if one.kind == alarms.STAMP]
                assert [one.words for one in late] == (
                    ["first has not stamped the newest of log 0/2026."] if hour > 2 else []
                )
        row = Notarised.objects.get(name="first")
        assert (row.size, row.since, "cannot be reached" in row.trouble) == (3, NOW + HOUR, True)
        with clock.frozen(NOW + 25 * HOUR):
            assert client.get("/health").json()["evidence"]["timestamp"] == 1
            assert 'bankside_evidence_alarms{kind="timestamp"} 1' in client.get("/metrics").text
        with stamping.serving(authorities[0], ports[0]), clock.frozen(NOW + 26 * HOUR):
            work()
            assert kinds() == {alarms.DAY}
            row.refresh_from_db()
            assert (row.size, row.trouble, row.since) == (7, "", 0)
            [entry] = Entry.objects.filter(fact="record.evidence-missed")
            told = payload_of(entry.n)
            assert (told.name, told.kind, told.size_before, told.size) == ("first", "stamp", 3, 7)
            assert (told.from_ms, told.until_ms) == (NOW + HOUR, NOW + 26 * HOUR)
            [gap] = standing.now().gaps
            assert (gap.name, gap.log, gap.before, gap.size) == ("first", "0/2026", 3, 7)


def test_an_answer_that_must_not_be_believed_is_trouble(
    authorities: list[Path], ports: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with stamping.serving(authorities[0], ports[0]) as one:
        monkeypatch.setattr(one, "twist", lambda data: stamping.reply(authorities[1], data))
        work()
    row = Notarised.objects.get(name="first")
    assert row.size == 0 and row.trouble.startswith("The time-stamp does not hold")
    assert kept() == ["0/2026/3/head"]


def test_copies_are_brought_once_and_another_content_is_an_alarm(
    authorities: list[Path], ports: list[int], tmp_path: Path
) -> None:
    vault = tmp_path / "vault/0/2026"
    with stamping.serving(authorities[0], ports[0]), stamping.serving(authorities[1], ports[1]):
        work()
        with clock.frozen(NOW + 10 * 60_000):
            work()  # what was stamped after the first copies
    assert sorted(one.name for one in (vault / "3").iterdir()) == ["first.tsr", "head", "second.tsr", "text"]
    assert evidence.waiting("vault") == 0
    (vault / "4").mkdir()
    (vault / "4/head").write_bytes(b"another history")
    (vault / "4/head").chmod(0o400)
    with clock.frozen(NOW + 20 * 60_000):
        say("넷")
        seal.seal_all()
        work()
        row = Notarised.objects.get(kind="copy")
        assert (row.size, row.trouble) == (3, "Something else is there under the name 0/2026/4/head.")
        assert kinds() == {alarms.DIFFERS}
        assert (vault / "4/head").read_bytes() == b"another history"
    with clock.frozen(NOW + 36 * 60_000):
        assert kinds() == {alarms.DIFFERS, alarms.COPY}


def test_a_place_that_is_new_gets_everything_that_was_kept(
    authorities: list[Path], ports: list[int], tmp_path: Path, settings: Any
) -> None:
    with stamping.serving(authorities[0], ports[0]), stamping.serving(authorities[1], ports[1]):
        work()
    with locking.serving() as store:
        settings.WIRE_PRIVATE_HOSTS = frozenset({f"127.0.0.1:{store.server_port}"})
        (tmp_path / "secret").write_text(locking.SECRET)
        (tmp_path / "copies.toml").write_text(
            f'[store]\nendpoint = "http://127.0.0.1:{store.server_port}"\nbucket = "hanul"\n'
            f'region = "{locking.REGION}"\nkey_id = "{locking.KEY_ID}"\nsecret_file = "secret"\n'
        )
        work()
    assert sorted(store.objects) == [f"/hanul/{path}" for path in sorted(kept())]
    assert {one.mode for one in store.objects.values()} == {"COMPLIANCE"}
    assert {one.until for one in store.objects.values()} == {"2036-11-26T06:00:00Z"}


def test_another_head_than_the_one_that_was_kept_is_an_alarm_and_verify_names_it(tmp_path: Path) -> None:
    """Fault 9, threat T2: who writes the log anew has the kept heads against him."""
    work()
    path = tmp_path / "evidence/0/2026/3/head"
    said = path.read_text()
    path.chmod(0o600)
    path.write_text(said.replace(said.split("\n")[2], "q/PgzdiarMaTtyBiQbific2d5ZYtyLpo/HtZuFs16Zs="))
    assert [one.words for one in alarms.alarms() if one.kind == alarms.DIFFERS] == [
        "evidence/0/2026/3/head is not the head that the log shows."
    ]
    assert ("evidence/0/2026/3/head", "log 0/2026 had another root at 3 entries") in audit.audit().problems


def test_a_newer_head_than_the_record_has_is_named(tmp_path: Path) -> None:
    """Fault 10: an old backup was put back, and the evidence knows more."""
    work()
    there = tmp_path / "evidence/0/2026"
    said = (there / "3/head").read_text().split("\n")
    (there / "7").mkdir()
    (there / "7/head").write_text("\n".join([said[0], "7", *said[2:]]))
    assert ("evidence/0/2026/7/head", "log 0/2026 had 7 entries; the record has 3") in audit.audit().problems


def test_the_command_lists_what_is_kept_and_checks_it(
    authorities: list[Path], ports: list[int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with stamping.serving(authorities[0], ports[0]), stamping.serving(authorities[1], ports[1]):
        assert main(["log", "evidence", "--now", "--json"]) == 0
    lines = json.loads(capsys.readouterr().out)
    assert [(one["kind"], one["by"], one["size"], one["holds"]) for one in lines] == [
        ("stamp", "first", 3, "yes"), ("head", "", 3, "yes"), ("stamp", "second", 3, "yes"),
        ("text", "", 3, "yes"),
    ]  # fmt: skip
    assert lines[0]["time"].endswith("Z") and lines[0]["path"] == "0/2026/3/first.tsr"
    stamp = tmp_path / "evidence/0/2026/3/first.tsr"
    stamp.chmod(0o600)
    kept = stamp.read_bytes()
    stamp.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    assert main(["log", "evidence"]) == 1
    assert "0/2026 3 stamp first no: The time-stamp does not hold" in capsys.readouterr().out
    [problem] = audit.audit().problems
    assert problem.place == "evidence/0/2026/3/first.tsr"


def test_each_flipped_byte_of_a_stamp_is_refused_or_says_the_same(
    authorities: list[Path], ports: list[int], tmp_path: Path
) -> None:
    """Every byte of the certificates and every 41st of the rest: what still holds must tell the same time of
    the same text."""
    with stamping.serving(authorities[0], ports[0]), stamping.serving(authorities[1], ports[1]):
        work()
    one = next(one for one in evidence.kept() if one.name == "first")
    file, good = tmp_path / "evidence" / one.path, kept_checks.of(one)
    whole = file.read_bytes()
    file.chmod(0o600)
    refused, certificates = 0, where_certificates_are(whole, authorities[0])
    places = sorted({*range(0, len(whole), 41), *certificates})
    for place in places:
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        found = kept_checks.of(one)
        refused += found.holds.startswith("no")
        assert found.holds.startswith("no") or found == good
    assert refused > len(places) / 2


def where_certificates_are(stamp: bytes, authority: Path) -> range:
    """From the first byte of the one to the last of the other."""
    found = [ssl.PEM_cert_to_DER_cert((authority / f"{name}.pem").read_text()) for name in ("ca", "tsa")]
    starts = [stamp.index(one) for one in found]
    return range(min(starts), max(start + len(one) for start, one in zip(starts, found, strict=True)))


def test_wrong_settings_stop_nothing_and_are_an_alarm(tmp_path: Path) -> None:
    (tmp_path / "timestampers.toml").write_text("[")
    (tmp_path / "copies.toml").unlink()
    assert notary.plan() == 0 and kinds() == {alarms.SETTING}
    assert [one.words.startswith("A file of settings cannot be used") for one in alarms.alarms()] == [
        True
    ] * 2


def test_who_is_not_in_the_settings_any_more_has_no_job(tmp_path: Path) -> None:
    notary.plan()
    (tmp_path / "timestampers.toml").write_text("")
    (tmp_path / "copies.toml").write_text("")
    jobs.run_due()
    assert set(Job.objects.filter(kind__in=("channels.stamp", "channels.copy")).values_list("state")) == {
        ("done",)
    }
