from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from bankside.networks import catalogue
from bankside.networks.catalogue import BadNetworkData, UnknownNetwork, load, network
from bankside.networks.contract import Grant, NotOffered, Refused
from bankside.networks.declared import Hosts

SITE = "https://blog.hanulbank.example"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of networks with one good file, `example.toml`."""
    good = (
        (catalogue.HERE / "practice.toml").read_text("utf-8").replace('name = "practice"', 'name = "example"')
    )
    (tmp_path / "example.toml").write_text(good, "utf-8")
    monkeypatch.setattr(catalogue, "HERE", tmp_path)
    load.cache_clear()
    return tmp_path


@pytest.fixture(autouse=True)
def _forget() -> object:
    yield
    load.cache_clear()


def test_a_data_file_is_a_network(folder: Path) -> None:
    assert list(load()) == ["example"] and network("example").title == "Practice network"
    with pytest.raises(UnknownNetwork, match="there are: example"):
        network("nowhere")


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ('name = "example"', 'name = "other"', "name of the file"),
        ('lifecycle = "open"', 'lifecycle = "opne"', "lifecycle"),
        ("checked = 2026-11-24", 'checked = "soon"', "checked"),
        ('rule = "graphemes-url"', 'rule = "letters"', "rule"),
        ('can = ["whoami"', 'can = ["sing"', "sing"),
        ("[poll]", "[pole]", "pole"),
        ("limit = 500", 'limit = "500"', "limit"),
        ("[hosts]", "[hosts", "example.toml"),
    ],
)
def test_a_mistake_in_a_data_file_is_an_error_and_not_a_silence(
    folder: Path, old: str, new: str, word: str
) -> None:
    file = folder / "example.toml"
    assert old in file.read_text("utf-8")
    file.write_text(file.read_text("utf-8").replace(old, new, 1), "utf-8")
    load.cache_clear()
    with pytest.raises(BadNetworkData, match=word):
        load()


def test_a_network_without_a_connector_is_posted_by_hand(folder: Path) -> None:
    with pytest.raises(NotOffered, match="by hand"):
        network("example").connector(Grant(settings={}))


def test_the_hosts_of_a_channel_are_the_fixed_ones_and_the_one_in_its_setting() -> None:
    data = msgspec.structs.replace(
        network("wordpress"), hosts=Hosts(fixed=("api.example",), from_setting="site")
    )
    assert data.hosts_for({"site": f"{SITE}:8443/blog/"}) == {"api.example", "blog.hanulbank.example:8443"}
    assert network("practice").hosts_for({}) == frozenset()
    for wrong in ("", "blog.hanulbank.example", "/blog"):
        with pytest.raises(Refused, match="whole address"):
            data.hosts_for({"site": wrong})


def test_credentials_in_an_address_are_no_part_of_its_host() -> None:
    assert network("wordpress").hosts_for({"site": "https://a:b@blog.hanulbank.example"}) == {
        "blog.hanulbank.example"
    }


def test_settings_are_filled_with_defaults_and_secrets_are_kept_apart() -> None:
    filled = network("practice").filled({"folder": "x", "handle": ""}, {"hook_secret": "s"})
    assert filled == {"folder": "x", "handle": "hanulbank", "customers": "yes", "lookup": "yes"}


@pytest.mark.parametrize(
    ("settings", "secrets", "word"),
    [
        ({}, {}, "Address of the blog is missing"),
        ({"site": SITE, "user": "desk"}, {}, "Application password is missing"),
        ({"site": SITE, "user": "desk", "colour": "red"}, {"app_password": "x"}, "colour is not a setting"),
        ({"site": SITE, "user": "desk", "app_password": "x"}, {}, "is a secret"),
    ],
)
def test_what_is_missing_unknown_or_misplaced_is_refused_by_name(
    settings: dict[str, str], secrets: dict[str, str], word: str
) -> None:
    with pytest.raises(Refused, match=word):
        network("wordpress").filled(settings, secrets)


def test_a_choice_is_one_of_those_given() -> None:
    with pytest.raises(Refused, match="must be one of yes, no"):
        network("practice").filled({"folder": "x", "lookup": "maybe"}, {})


def test_the_wire_of_a_network_reaches_its_hosts_alone() -> None:
    wire = network("wordpress").wire({"site": SITE}, secrets={"app_password": "abcd efgh"})
    with pytest.raises(Refused):
        wire.get("https://evil.example")
    assert wire.redacted("abcdefgh") == "•••"


# --- a bank's own ----------------------------------------------------------------------------------------
@pytest.fixture
def own(tmp_path: Path) -> Iterator[Path]:
    """A folder of a bank's own with one network that people post on by hand."""
    known = next(data for data in load().values() if data.assist and not data.can)
    mine = (catalogue.HERE / f"{known.name}.toml").read_text("utf-8")
    (tmp_path / "maeul_net.toml").write_text(
        mine.replace(f'name = "{known.name}"', 'name = "maeul_net"'), "utf-8"
    )
    yield tmp_path
    catalogue.also_in(tmp_path / "nothing")


def test_a_bank_adds_a_network_by_a_data_file_of_its_own(own: Path) -> None:
    before = len(load())
    catalogue.also_in(own)
    assert len(load()) == before + 1
    assert network("maeul_net").assist and not network("maeul_net").has_connector()


def test_a_bank_s_own_file_takes_no_other_s_place_and_claims_nothing(own: Path) -> None:
    mine = (own / "maeul_net.toml").read_text("utf-8")
    (own / "practice.toml").write_text(mine.replace('"maeul_net"', '"practice"'), "utf-8")
    with pytest.raises(BadNetworkData, match="already"):
        catalogue.also_in(own)
    (own / "practice.toml").unlink()
    (own / "maeul_net.toml").write_text(mine.replace("can = []", 'can = ["send"]'), "utf-8")
    with pytest.raises(BadNetworkData, match="without code"):
        catalogue.also_in(own)
