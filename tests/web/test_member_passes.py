"""Points for the wallet of her phone, from her page to a file that OpenSSL verifies; and what staff read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from django.test import Client

from bankside.record import clock
from bankside.rewards import card, points_in_wallet
from bankside.rewards.models import Member
from bankside.rewards.passes.google import SAVE_ADDRESS
from bankside.rewards.payments import card_number
from tests.rewards import walleted
from tests.web.visiting import NOW, her, phone, programme, rich, with_card, words

# Pages: what hangs on the database is tried with the room, on both.
pytestmark = [pytest.mark.django_db, pytest.mark.more]
APPLE, GOOGLE = "/m/card/points.pkpass", "/m/card/google-wallet/"


@pytest.fixture(autouse=True)
def _still(settings: Any) -> Iterator[None]:
    settings.PUBLIC_URL = "https://desk.hanul.example"
    with clock.frozen(NOW):
        yield


@pytest.fixture
def who() -> Member:
    programme()
    made = her()
    rich(made)
    return made


@pytest.fixture
def client(who: Member) -> Client:
    return phone(who)


@pytest.fixture
def wallets(tmp_path: Path, settings: Any) -> Path:
    settings.APPLE_PASS = str(walleted.apple_folder(tmp_path / "apple"))
    settings.GOOGLE_PASS = str(walleted.google_folder(tmp_path / "google"))
    return tmp_path


def test_nothing_is_offered_while_no_wallet_is_set_up(client: Client) -> None:
    page = words(client.get("/m/card/?code=1"))
    assert "Wallet" not in page and "wallet" not in page
    for address in (APPLE, GOOGLE):
        refused = client.get(address)
        assert refused.status_code == 404 and "There is no pass for this wallet." in words(refused)
        assert "BANKSIDE" not in words(refused) and refused["Cache-Control"] == "no-store"


def test_a_wallet_whose_folder_lacks_something_is_not_offered(client: Client, wallets: Path) -> None:
    (wallets / "apple" / "wwdr.pem").unlink()
    page = words(client.get("/m/card/"))
    assert APPLE not in page and GOOGLE in page
    assert client.get(APPLE).status_code == 404 and "wwdr" not in words(client.get(APPLE))


def test_what_she_downloads_is_hers_verifies_and_holds_nothing_personal(
    who: Member, client: Client, wallets: Path
) -> None:
    assert f'href="{APPLE}"' in words(client.get("/m/card/"))
    there = client.get(APPLE)
    assert (there.status_code, there["Content-Type"]) == (200, "application/vnd.apple.pkpass")
    assert there["Content-Disposition"] == 'attachment; filename="points.pkpass"'
    assert (there["Cache-Control"], there["X-Content-Type-Options"]) == ("no-store", "nosniff")
    files = walleted.inside(there.content)
    assert walleted.verified(files, wallets)
    assert not walleted.verified({**files, "manifest.json": files["manifest.json"] + b" "}, wallets)
    told = json.loads(files["pass.json"])
    assert told["storeCard"]["primaryFields"][0]["value"] == 1_240 and "barcodes" not in told
    hers = (who.name, "Minji", who.obj, str(who.customer_ref), "PRIVATE KEY")
    for name, body in files.items():
        text = body.decode("utf-8", "replace")
        assert not [one for one in hers if one in text], name
        assert "minji" not in text.replace(told["serialNumber"], ""), name  # its letters are chance
        if name.endswith((".json", ".strings")) and name != "manifest.json":  # digests have any digits
            assert card_number.without(text) == text, name


def test_google_gets_a_token_and_does_not_learn_from_where(
    who: Member, client: Client, wallets: Path
) -> None:
    sent = client.get(GOOGLE)
    assert sent.status_code == 302 and sent["Location"].startswith(SAVE_ADDRESS)
    assert (sent["Cache-Control"], sent["Referrer-Policy"]) == ("no-store", "no-referrer")
    token = sent["Location"].removeprefix(SAVE_ADDRESS)
    claims = jwt.decode(
        token, walleted.google_key(), algorithms=["RS256"], audience="google", options={"verify_iat": False}
    )
    [shown] = claims["payload"]["loyaltyObjects"]
    assert shown["loyaltyPoints"]["balance"] == {"int": 1_240} and "barcode" not in shown
    told = json.dumps(claims, ensure_ascii=False)
    assert not [one for one in (who.name, who.obj, str(who.customer_ref)) if one in told]
    assert "inji" not in told.replace(shown["id"], "")  # its letters are chance


def test_each_member_gets_her_own_whatever_she_asks_for(who: Member, client: Client, wallets: Path) -> None:
    other = her()
    rich(other, 7)
    for whose, one in ((other, phone(other)), (who, client)):
        asked = one.get(APPLE, {"member": who.obj, "obj": who.obj, "serial": "x"})
        told = json.loads(walleted.inside(asked.content)["pass.json"])
        assert told["serialNumber"] == points_in_wallet.serial_of(whose)


def test_it_is_asked_for_and_never_posted(client: Client, wallets: Path) -> None:
    for address in (APPLE, GOOGLE):
        assert client.post(address).status_code == 405
        assert Client().get(address).status_code == 401
    assert client.head(APPLE).status_code == 200 and client.head(APPLE).content == b""


def test_the_code_of_her_card_is_on_it_if_she_wishes_and_it_is_on(
    who: Member, client: Client, wallets: Path
) -> None:
    assert "With the code" not in words(client.get("/m/card/"))
    code = with_card(who).code
    assert "/m/card/?code=1#pass" in words(client.get("/m/card/"))
    page = words(client.get("/m/card/?code=1"))
    assert f'href="{APPLE}?code=1"' in page and f'href="{GOOGLE}?code=1"' in page
    assert "Without the code" in page

    def told() -> dict[str, Any]:
        found: dict[str, Any] = json.loads(
            walleted.inside(client.get(f"{APPLE}?code=1").content)["pass.json"]
        )
        return found

    assert told()["barcodes"][0]["message"] == f"https://desk.hanul.example/c/{code}"
    card.switch_code(who, False)
    assert "barcodes" not in told() and "code=1" not in words(client.get("/m/card/?code=1"))


@pytest.mark.parametrize("language", ["ko", "zh-hans", "nl"])
def test_her_page_says_it_in_her_language(language: str, wallets: Path) -> None:
    programme()
    page = words(phone(her(language)).get("/m/card/"))
    assert APPLE in page and GOOGLE in page
    assert "Add to Apple Wallet" not in page and "Google keeps" not in page


def test_staff_read_what_is_set_up_and_what_is_missing(
    scene: Any, at: Callable[[str], Client], tmp_path: Path, settings: Any
) -> None:
    from bankside.people import staff
    from tests.web.conftest import BACKEND

    client = Client()
    auditor = staff.add("kaart.auditor@hanulbank.example", "Card auditor", role="auditor")
    client.force_login(auditor, backend=BACKEND)
    settings.GOOGLE_PASS = str(walleted.google_folder(tmp_path / "google"))
    page = words(client.get("/studio/"))
    assert "Apple Wallet is not set up: BANKSIDE_APPLE_PASS names no folder." in page
    assert "Google Wallet is set up" in page
    settings.APPLE_PASS = str(walleted.apple_folder(tmp_path / "apple"))
    (tmp_path / "apple" / "icon.png").unlink()
    page = words(client.get("/studio/"))
    assert "Apple Wallet is not set up: its folder lacks icon.png." in page and str(tmp_path) not in page
