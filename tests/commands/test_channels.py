from __future__ import annotations

from pathlib import Path

import pytest

from bankside.channels.models import Channel
from bankside.record.models import Entry
from tests.channels import by_hand_networks
from tests.commands.ask import Ask, Said

pytestmark = pytest.mark.django_db
SECRET = "a-secret-that-nobody-prints"


def connect(ask: Ask, folder: Path, *more: str) -> Said:
    setting = ("--setting", f"folder={folder / 'practice'}", "--setting", "handle=hanulbank")
    return ask("channel", "add", "practice", "--name", "한울은행", *setting, *more)


def test_a_channel_is_connected_listed_checked_paused_resumed_and_removed(ask: Ask, folder: Path) -> None:
    made = connect(ask, folder, "--json").json
    assert (made["name"], made["network"], made["state"]) == ("한울은행", "practice", "open")
    assert [row["name"] for row in ask("channel", "list", "--json").json] == ["한울은행"]
    assert "한울은행" in ask("channel", "list").out
    assert ask("channel", "check", "한울은행", "--json").json["state"] == "open"
    assert ask("channel", "pause", made["id"], "--reason", "점검", "--json").json["state"] == "paused"
    assert ask("channel", "resume", made["obj"], "--json").json["state"] == "open"
    assert ask("channel", "remove", "한울은행", "--json").json["state"] == "removed"
    assert ask("channel", "list", "--json").json == []


def test_a_secret_comes_from_the_environment_or_a_file_and_is_never_printed(
    ask: Ask, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    said = connect(ask, folder, "--secret", "hook_secret=HOOK_SECRET", "--json")
    assert said.code == 0
    assert SECRET not in said.out + said.err
    assert SECRET.encode() not in bytes(Channel.objects.get().secrets)
    ask("channel", "remove", "한울은행")
    file = folder / "secret"
    file.write_text(f"{SECRET}\n")
    assert connect(ask, folder, "--secret", f"hook_secret={file}").code == 0


def test_a_secret_on_the_command_line_is_refused_and_not_repeated(ask: Ask, folder: Path) -> None:
    for given in (f"hook_secret={SECRET}", SECRET):
        said = connect(ask, folder, "--secret", given)
        assert said.code == 1
        assert SECRET not in said.out + said.err
    assert not Channel.objects.exists()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("add", "no-such-network", "--name", "x"), "no-such-network"),
        (("add", "practice", "--name", "x", "--setting", "handle"), "KEY=VALUE"),
        (("check", "nobody"), "nobody"),
        (("remove", "nobody"), "nobody"),
        (("add", "practice", "--name", "x", "--team", "Mars"), "Mars"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(
    ask: Ask, folder: Path, words: tuple[str, ...], why: str
) -> None:
    said = ask("channel", *words)
    assert (said.code, said.out) == (1, "")
    assert why in said.err


def test_the_brake_is_set_and_let_go_with_its_reason_in_the_record(ask: Ask) -> None:
    set_ = ask("freeze", "--reason", "잘못된 금리 안내", "--json").json
    assert (set_["frozen"], set_["reason"]) == (True, "잘못된 금리 안내")
    assert "unfreeze" in ask("freeze").out
    assert ask("unfreeze", "--json").json == {"frozen": False, "was": True}
    assert ask("unfreeze").out == "Nothing was frozen.\n"
    assert Entry.objects.filter(fact__in=["channels.desk-frozen", "channels.desk-unfrozen"]).count() == 2


def test_an_account_that_cannot_be_connected_is_added_with_its_address(
    ask: Ask, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_hand_networks.put_up(monkeypatch, by_hand_networks.wall())
    where = f"public_address={by_hand_networks.PLACE}"
    made = ask("channel", "add", by_hand_networks.WALL, "--name", "벽", "--setting", where, "--json").json
    assert (made["state"], made["handle"]) == ("open", "paperwall.example/hanulbank")
    assert ask("channel", "add", by_hand_networks.WALL, "--name", "Muur").code == 1
    said = ask("channel", "check", "벽")
    assert said.code == 1 and "a person looks there by hand" in said.err
