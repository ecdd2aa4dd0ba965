"""The folder of a wallet: what it holds becomes settings, what it lacks is said, and nothing of a key is."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bankside.rewards.passes.from_folder import (
    ApplePasses,
    GooglePasses,
    apple_passes,
    google_passes,
    stamp,
)
from bankside.rewards.passes.points_pass import PassNotConfigured
from bankside.said import Said
from tests.rewards import walleted
from tests.rewards.test_passes_apple import PNG, pem

AT = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture
def apple(tmp_path: Path) -> Path:
    return walleted.apple_folder(tmp_path / "apple")


@pytest.fixture
def google(tmp_path: Path) -> Path:
    return walleted.google_folder(tmp_path / "google")


def of_apple(folder: Path, at: datetime = AT) -> ApplePasses:
    return apple_passes(folder, organisation="Hanul Bank", programme="Social Card", at=at)


def of_google(folder: Path) -> GooglePasses:
    return google_passes(folder, organisation="Hanul Bank", programme="Social Card")


def test_a_folder_becomes_settings(apple: Path, google: Path) -> None:
    (apple / "strip.png").write_bytes(PNG)
    (apple / "readme.txt").write_text("not for the pass")
    made = of_apple(apple)
    assert (made.programme, made.settings.organisation) == ("Hanul Points 한울", "Hanul Bank")
    assert sorted(made.pictures) == ["icon.png", "icon@2x.png", "logo.png", "strip.png"]
    other = of_google(google)
    assert (other.programme, other.settings.account) == ("Social Card", "passes@hanul.example")
    assert "PRIVATE KEY" not in repr(made) + repr(other)


def test_names_of_the_folder_stand_before_those_of_the_desk(google: Path) -> None:
    more = 'organisation = "한울은행"\nprogramme = "한울 포인트"\norigins = ["https://hanul.example"]\n'
    (google / "pass.toml").write_text(walleted.GOOGLE_NAMES + more, encoding="utf-8")
    made = of_google(google)
    assert (made.programme, made.settings.organisation) == ("한울 포인트", "한울은행")
    assert made.settings.origins == ("https://hanul.example",)


def test_a_key_with_a_password_is_opened(apple: Path) -> None:
    (apple / "key.pem").write_bytes(pem(walleted.KEYS[1], b"secret"))
    with pytest.raises(PassNotConfigured, match="cannot be read"):
        of_apple(apple)
    (apple / "key-password").write_text("secret\n")
    assert of_apple(apple).settings.password == b"secret"


@pytest.mark.parametrize("file", ["pass.toml", "certificate.pem", "key.pem", "wwdr.pem", "icon@2x.png"])
def test_a_file_that_is_missing_is_named(apple: Path, file: str) -> None:
    (apple / file).unlink()
    with pytest.raises(PassNotConfigured, match=f"lacks {file}.$"):
        of_apple(apple)


def test_everything_is_missing_where_no_folder_is(tmp_path: Path) -> None:
    with pytest.raises(PassNotConfigured, match=r"lacks pass.toml, service-account.json\."):
        of_google(tmp_path / "nowhere")
    assert stamp(tmp_path / "nowhere") == ()


@pytest.mark.parametrize(
    ("file", "body", "said"),
    [
        ("pass.toml", b"\xff", "pass.toml in the folder"),
        ("pass.toml", b"a = [", "pass.toml in the folder"),
        ("pass.toml", b'tema_id = "x"', "not known: tema_id"),
        ("pass.toml", b"team_id = 7", "team_id must be a text"),
        ("pass.toml", b'pass_type_id = "pass.example.hanul.points"', "not set up"),
        ("pass.toml", b" " * 20_001, "larger than 20,000 bytes"),
        ("certificate.pem", b"nonsense", "cannot be read"),
        ("logo.png", b"GIF89a", "PNG"),
        ("strip.png", PNG * 30_000, "larger than"),
    ],
)
def test_what_is_wrong_for_apple_is_said(apple: Path, file: str, body: bytes, said: str) -> None:
    (apple / file).write_bytes(body)
    with pytest.raises(PassNotConfigured, match=said) as told:
        of_apple(apple)
    assert isinstance(told.value.args[0], Said) and str(apple) not in str(told.value)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('background = "red"', "colours"),
        ('programme = "4242 4242 4242 4242"', "card number"),
        ('programme = ""', "1 to 64"),
    ],
)
def test_what_may_not_stand_on_a_pass_is_said_before_a_member_asks(apple: Path, more: str, said: str) -> None:
    names = walleted.APPLE_NAMES.replace("programme", "organisation") + more
    (apple / "pass.toml").write_text(names, encoding="utf-8")
    with pytest.raises(PassNotConfigured, match=said) as told:
        of_apple(apple)
    assert "4242" not in str(told.value)


def test_a_certificate_that_is_over_is_said(apple: Path) -> None:
    with pytest.raises(PassNotConfigured, match="not valid today"):
        of_apple(apple, datetime.now(UTC) + timedelta(days=40))


@pytest.mark.parametrize(
    "account",
    [
        "nonsense", "[]", "7", "{}", json.dumps({"client_email": 1, "private_key": "x"}), "[" * 5_000,
        json.dumps({**walleted.ACCOUNT, "private_key": "nonsense"}),
        json.dumps({**walleted.ACCOUNT, "client_email": "no address"}),
    ],
)  # fmt: skip
def test_what_is_wrong_for_google_is_said(google: Path, account: str) -> None:
    (google / "service-account.json").write_text(account)
    with pytest.raises(PassNotConfigured) as told:
        of_google(google)
    assert isinstance(told.value.args[0], Said) and "nonsense" not in str(told.value)


def test_a_changed_file_has_another_stamp(google: Path) -> None:
    before = stamp(google)
    assert stamp(google) == before
    (google / "pass.toml").write_text(walleted.GOOGLE_NAMES + "\n")
    assert stamp(google) != before
