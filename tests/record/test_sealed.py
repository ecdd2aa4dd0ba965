from __future__ import annotations

import pytest

from bankside.record import sealed
from bankside.record.keys import KeyMissing
from bankside.record.models import KeyClass

pytestmark = pytest.mark.django_db


def test_a_sealed_value_opens_only_in_its_class_and_context() -> None:
    value = sealed.seal("channel-token", "비밀 token".encode(), "channel-1")
    assert sealed.unseal("channel-token", value, "channel-1") == "비밀 token".encode()
    assert b"token" not in value
    for key_class, context in [("intake", "channel-1"), ("channel-token", "channel-2")]:
        with pytest.raises(sealed.Unreadable):
            sealed.unseal(key_class, value, context)


def test_a_changed_byte_is_noticed() -> None:
    value = bytearray(sealed.seal("intake", b"{}", "1"))
    value[-1] ^= 1
    with pytest.raises(sealed.Unreadable):
        sealed.unseal("intake", bytes(value), "1")


def test_a_missing_class_key_is_said_and_never_made_on_the_way() -> None:
    KeyClass.objects.all().delete()
    sealed._load.cache_clear()
    with pytest.raises(KeyMissing, match="bankside migrate"):
        sealed.seal("intake", b"{}", "1")
    assert not KeyClass.objects.exists()
