"""A Google pass: claims as Google writes them, a signature that a JWT library verifies, nothing personal."""

from __future__ import annotations

import json
from dataclasses import replace

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bankside.rewards.passes import google
from bankside.rewards.passes.google import GoogleSettings, save_address, token
from bankside.rewards.passes.points_pass import POINTS_MAX, PassNotConfigured
from bankside.rewards.payments import card_number
from tests.rewards.test_passes_points_pass import SHOWN

KEY = rsa.generate_private_key(65537, 2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)
SETTINGS = GoogleSettings(
    organisation="Hanul Bank", issuer_id="3388000000000000001", account="passes@hanul.example", key=PEM,
    logo="https://hanul.example/logo.png", origins=("https://hanul.example",),
)  # fmt: skip
AT_MS = 1_772_325_000_999


def claims(made: str) -> dict[str, object]:
    found: dict[str, object] = jwt.decode(
        made, KEY.public_key(), algorithms=["RS256"], audience="google", options={"verify_iat": False}
    )
    return found


def test_the_claims_are_those_of_a_pass_to_save() -> None:
    made = token(SHOWN, SETTINGS, at_ms=AT_MS)
    assert jwt.get_unverified_header(made) == {"alg": "RS256", "typ": "JWT"}
    found = claims(made)
    assert {name: found[name] for name in ("iss", "aud", "typ", "iat", "origins")} == {
        "iss": "passes@hanul.example",
        "aud": "google",
        "typ": "savetowallet",
        "iat": 1_772_325_000,
        "origins": ["https://hanul.example"],
    }


def test_the_object_has_points_an_opaque_id_and_nothing_personal() -> None:
    payload = claims(token(SHOWN, SETTINGS, at_ms=AT_MS))["payload"]
    assert isinstance(payload, dict)
    [shown] = payload["loyaltyObjects"]
    [shared] = payload["loyaltyClasses"]
    assert (shown["id"], shown["classId"]) == (f"3388000000000000001.{SHOWN.serial}", shared["id"])
    assert (shown["state"], shown["loyaltyPoints"]["balance"]) == ("ACTIVE", {"int": 1_250})
    assert shown["secondaryLoyaltyPoints"]["balance"] == {"int": 40}
    labels = shown["loyaltyPoints"]["localizedLabel"]
    assert {one["language"] for one in labels["translatedValues"]} == {"ko", "zh-Hans", "nl"}
    assert set(shown) == {"id", "classId", "state", "loyaltyPoints", "secondaryLoyaltyPoints", "barcode"}
    assert not {"accountId", "accountName"} & set(shown)
    assert (shared["issuerName"], shared["programName"]) == ("Hanul Bank", SHOWN.programme)
    texts = json.dumps(
        {**payload, "loyaltyClasses": [], "loyaltyObjects": [{**shown, "id": "", "classId": ""}]}
    )
    assert card_number.without(texts) == texts


def test_another_key_does_not_verify() -> None:
    other = rsa.generate_private_key(65537, 2048)
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(
            token(SHOWN, SETTINGS, at_ms=AT_MS), other.public_key(), algorithms=["RS256"], audience="google"
        )


def test_the_address_of_the_button_is_short_enough() -> None:
    largest = replace(SHOWN, points=POINTS_MAX, settling=POINTS_MAX, serial="x" * 64)
    address = save_address(largest, SETTINGS, at_ms=AT_MS)
    assert address.startswith("https://pay.google.com/gp/v/save/")
    assert len(address) - len(google.SAVE_ADDRESS) <= google.LINK_CHARACTERS_MAX
    payload = claims(address.removeprefix(google.SAVE_ADDRESS))["payload"]
    assert isinstance(payload, dict)
    assert set(payload) == {"loyaltyObjects"}
    assert payload["loyaltyObjects"][0]["loyaltyPoints"]["balance"] == {"string": str(POINTS_MAX)}


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"issuer_id": ""}, "not set up"),
        ({"key": b""}, "not set up"),
        ({"issuer_id": "hanul"}, "misspelt"),
        ({"account": "passes"}, "misspelt"),
        ({"class_name": "a b"}, "misspelt"),
        ({"origins": ("http://hanul.example",)}, "misspelt"),
        ({"key": b"nonsense"}, "cannot be read"),
    ],
)
def test_what_is_not_set_up_is_told_with_what_to_do(other: dict[str, object], said: str) -> None:
    with pytest.raises(PassNotConfigured, match=said):
        token(SHOWN, replace(SETTINGS, **other), at_ms=AT_MS)  # type: ignore[arg-type]


def test_secrets_are_not_shown() -> None:
    assert "PRIVATE KEY" not in repr(SETTINGS)
