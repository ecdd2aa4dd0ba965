"""Copies that nobody takes back: a folder that is written once, and a FAKE store with Object Lock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bankside.channels import copies
from bankside.channels.copies import LockedBucket, NotLocked, OneWayFolder
from bankside.channels.sigv4 import Credentials
from bankside.networks.failures import NotAllowed
from bankside.record import clock
from bankside.record.evidence import Differs
from tests.channels import locking

PATH = "0/2026/3/head"
NOW = clock.from_iso("2026-11-29T06:00:00Z")


# --- a folder --------------------------------------------------------------------------------------------
def test_a_file_is_written_once_and_read_only(tmp_path: Path) -> None:
    place = OneWayFolder(tmp_path)
    place.put(PATH, b"one")
    place.put(PATH, b"one")
    assert (tmp_path / PATH).read_bytes() == b"one"
    assert (tmp_path / PATH).stat().st_mode & 0o777 == 0o400
    for other in (b"two", b"one and more", b"on", b""):
        with pytest.raises(Differs, match="Something else is there under the name 0/2026/3/head"):
            place.put(PATH, other)
    assert (tmp_path / PATH).read_bytes() == b"one"


def test_one_that_a_power_cut_left_is_finished(tmp_path: Path) -> None:
    (tmp_path / PATH).parent.mkdir(parents=True)
    for there in (b"", b"on", b"one"):
        (tmp_path / PATH).unlink(missing_ok=True)
        (tmp_path / PATH).write_bytes(there)
        (tmp_path / PATH).chmod(0o600)
        OneWayFolder(tmp_path).put(PATH, b"one")
        assert (tmp_path / PATH).read_bytes() == b"one"
        assert (tmp_path / PATH).stat().st_mode & 0o777 == 0o400
    (tmp_path / PATH).unlink()
    (tmp_path / PATH).write_bytes(b"tw")
    with pytest.raises(Differs):
        OneWayFolder(tmp_path).put(PATH, b"one")


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / PATH).parent.mkdir(parents=True)
    (tmp_path / PATH).symlink_to(tmp_path / "elsewhere")
    with pytest.raises((OSError, Differs)):
        OneWayFolder(tmp_path).put(PATH, b"one")
    assert not (tmp_path / "elsewhere").exists()


# --- a store, which is a fake ----------------------------------------------------------------------------
@pytest.fixture
def store(settings: Any) -> Iterator[locking.Store]:
    with locking.serving() as store:
        settings.WIRE_PRIVATE_HOSTS = frozenset({f"127.0.0.1:{store.server_port}"})
        yield store


def bucket(store: locking.Store, **changes: Any) -> LockedBucket:
    who = Credentials(locking.KEY_ID, locking.SECRET, locking.REGION)
    endpoint = f"http://127.0.0.1:{store.server_port}"
    return LockedBucket(endpoint=endpoint, bucket="hanul", prefix="desk 1", days=10, who=who)._replace(
        **changes
    )


@pytest.mark.network
def test_an_object_is_locked_in_compliance_mode(store: locking.Store) -> None:
    with clock.frozen(NOW):
        bucket(store).put(PATH, b"one")
        bucket(store).put(PATH, b"one")
    assert store.objects == {
        "/hanul/desk%201/0/2026/3/head": locking.Object(b"one", "COMPLIANCE", "2026-12-09T06:00:00Z")
    }
    assert store.refusals == ["PreconditionFailed"]
    url = f"http://127.0.0.1:{store.server_port}/hanul/desk%201/{PATH}"
    assert httpx.delete(url).status_code == 403
    with clock.frozen(NOW), pytest.raises(Differs, match="Something else is there"):
        bucket(store).put(PATH, b"two")
    assert [one.data for one in store.objects.values()] == [b"one"]


@pytest.mark.network
def test_who_has_another_secret_is_refused(store: locking.Store) -> None:
    who = Credentials(locking.KEY_ID, "another", locking.REGION)
    with pytest.raises(NotAllowed):
        bucket(store, who=who).put(PATH, b"one")
    assert store.refusals == ["SignatureDoesNotMatch"] and not store.objects


@pytest.mark.network
def test_a_bucket_without_lock_is_no_copy(store: locking.Store) -> None:
    store.lock = False
    with pytest.raises(NotLocked, match="without a lock"):
        bucket(store).put(PATH, b"one")


@pytest.mark.network
def test_a_lock_that_has_ended_is_no_copy(store: locking.Store) -> None:
    with clock.frozen(NOW):
        bucket(store).put(PATH, b"one")
    with clock.frozen(NOW + 11 * 86_400_000), pytest.raises(NotLocked):
        bucket(store).put(PATH, b"one")


# --- settings --------------------------------------------------------------------------------------------
def test_places_are_read_from_a_file(tmp_path: Path, settings: Any) -> None:
    settings.WORM_COPIES = str(tmp_path / "copies.toml")
    (tmp_path / "secret").write_text(f"{locking.SECRET}\n")
    (tmp_path / "copies.toml").write_text(
        f'[vault]\nfolder = "{tmp_path}/vault"\n[store]\nendpoint = "https://s3.example/"\nbucket = "hanul"\n'
        f'region = "eu-1"\nprefix = "/desk/"\nkey_id = "K"\nsecret_file = "secret"\nretain_days = 30\n'
        "[half]\nbucket = 'b'\n"
    )
    assert copies.place_of("vault") == OneWayFolder(tmp_path / "vault")
    assert copies.place_of("store") == LockedBucket(
        endpoint="https://s3.example", bucket="hanul", prefix="desk", days=30,
        who=Credentials("K", locking.SECRET, "eu-1"),
    )  # fmt: skip
    with pytest.raises(ValueError, match=r"\[half\] needs folder, or endpoint, region, key_id, secret_file"):
        copies.place_of("half")
    with pytest.raises(KeyError):
        copies.place_of("elsewhere")
