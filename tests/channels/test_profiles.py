"""The proof that a profile is a member's: by signing in, by a page that links back, by what a domain says.

The server here is a fake; `test_profiles_bluesky.py` does it with real ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from bankside.channels import authority, connectors, looked_up, profiles
from bankside.channels.models import Channel
from bankside.networks import catalogue, contract, declared
from bankside.networks.catalogue import load
from bankside.networks.contract import Connector, Self
from bankside.networks.whose import Named, Profile
from tests.channels import invented
from tests.networks.resolving import resolver, said
from tests.servers.mastodon_fake import Answer, FakeMastodon
from tests.servers.mastodon_http import over_http

pytestmark = [pytest.mark.network, pytest.mark.django_db]
NETWORK = next(n for n, d in load().items() if d.identity and "rel-me" in d.identity.proofs)
"""The one network whose people prove a profile by their page: its fake is the server of these tests."""
SCOPES = " ".join(load()[NETWORK].identity.scopes)  # type: ignore[union-attr]


@dataclass
class Fediverse(FakeMastodon):
    """The fake with what everybody may ask of it. `pages`: what stands on somebody's profile page;
    `elsewhere`: the server to which WebFinger leads; `revoked`: tokens that were given back."""

    pages: dict[str, str] = field(default_factory=dict)
    elsewhere: str = ""
    revoked: list[str] = field(default_factory=list)
    revokes: bool = True
    claims: str = ""

    def answer(self, request: httpx.Request) -> Answer:
        path = request.url.path
        if path == "/oauth/revoke" and self.revokes:
            form = parse_qs(request.content.decode())
            self.asked.append(f"POST {path}")
            self.revoked += form["token"]
            self.tokens.pop(form["token"][0], None)
            return 200, {}, {}
        if path == "/api/v1/accounts/lookup":
            name = request.url.params["acct"]
            return (200, self._account(name), {}) if name in self.people else (404, {"error": "x"}, {})
        if path == "/.well-known/webfinger":
            links = [{"rel": "self", "href": f"{self.elsewhere or self.url}/users/x"}]
            return 200, {"subject": request.url.params["resource"], "links": links}, {}
        if path.startswith("/@"):
            page = self.pages.get(path[2:], "<p>nothing</p>")
            return 200, page.encode(), {"content-type": "text/html"}
        status, said, headers = super().answer(request)
        if path == "/api/v2/instance" and self.claims:
            said = {**said, "domain": self.claims}
        return status, said, headers

    def _account(self, who: str) -> dict[str, Any]:
        return {**super()._account(who), "url": f"{self.url}/@{who.partition('@')[0]}"}

    def joins(self, name: str) -> str:
        self._account(name)
        return name


@dataclass
class Names:
    """Where the names that servers gave the desk are kept in these tests."""

    kept: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def known(self, network: str, server: str) -> bytes | None:
        return self.kept.get((network, server))

    def keep(self, network: str, server: str, sealed_app: bytes) -> None:
        self.kept[network, server] = sealed_app

    def drop(self, network: str, server: str) -> None:
        self.kept.pop((network, server), None)


@pytest.fixture
def fake(settings: Any) -> Iterator[Fediverse]:
    with over_http(Fediverse()) as there:
        assert isinstance(there, Fediverse)
        there.home = urlsplit(there.url).netloc
        settings.WIRE_PRIVATE_HOSTS = frozenset({there.home})
        there.joins("minji")
        yield there


def begun(fake: Fediverse, apps: Names, typed: str = "", state: str = "s1") -> profiles.Away:
    return profiles.away(NETWORK, typed or f"{fake.url}/@minji", state=state, apps=apps)


def proved(fake: Fediverse, away: profiles.Away, apps: Names, who: str = "minji") -> profiles.Profile:
    back = fake.agrees(away.address, who)
    return profiles.back(away.kept, state=back["state"], code=back.get("code", ""), apps=apps)


# --- by signing in ----------------------------------------------------------------------------------------
def test_she_signs_in_shows_who_she_is_and_the_token_is_given_back(fake: Fediverse) -> None:
    apps, before = Names(), dict(fake.tokens)
    away = begun(fake, apps)
    asked = parse_qs(urlsplit(away.address).query)
    assert asked["scope"] == [SCOPES] and asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["http://127.0.0.1:8000/m/links/return/"] and away.host == fake.home
    seen = proved(fake, away, apps)
    assert (seen.network, seen.subject, seen.handle) == (NETWORK, f"minji@{fake.home}", f"@minji@{fake.home}")
    assert seen.url == f"{fake.url}/@minji"
    assert len(fake.revoked) == 1 and fake.tokens == before, "no token is left at the server"
    assert not Channel.objects.exists()


def test_a_server_alone_is_enough_and_one_without_metadata_too(fake: Fediverse) -> None:
    fake.newest_api = False
    apps = Names()
    seen = proved(fake, begun(fake, apps, fake.url), apps)
    assert seen.subject == f"minji@{fake.home}" and len(fake.revoked) == 1


def test_a_server_that_takes_no_token_back_does_not_matter(fake: Fediverse) -> None:
    fake.revokes, apps = False, Names()
    assert proved(fake, begun(fake, apps), apps).subject == f"minji@{fake.home}"


def test_the_desk_makes_itself_known_once_and_again_when_it_was_forgotten(fake: Fediverse) -> None:
    apps = Names()
    proved(fake, begun(fake, apps), apps)
    proved(fake, begun(fake, apps), apps)
    assert fake.asked.count("POST /api/v1/apps") == 1
    assert not any(b"secret-of" in kept for kept in apps.kept.values())
    away = begun(fake, apps)
    for app in fake.apps.values():
        app["secret"] = "another"
    with pytest.raises(profiles.NotProved, match="does not accept"):
        proved(fake, away, apps)
    assert not apps.kept
    begun(fake, apps)
    assert fake.asked.count("POST /api/v1/apps") == 2


def test_what_was_kept_opens_with_its_own_state_alone(fake: Fediverse) -> None:
    apps = Names()
    away = begun(fake, apps, state="s1")
    assert b"verifier" not in away.kept and fake.home.encode() not in away.kept
    for kept, state in [(away.kept, "s2"), (b"x" * 40, "s1"), (b"", "s1")]:
        with pytest.raises(profiles.NotProved, match="begun elsewhere"):
            profiles.back(kept, state=state, code="c")


def test_a_refusal_no_code_and_another_issuer_prove_nothing(fake: Fediverse) -> None:
    kept = begun(fake, Names()).kept
    cases: list[tuple[dict[str, Any], str]] = [
        ({"error": "access_denied", "code": ""}, "access_denied"),
        ({"code": ""}, "no code"),
        ({"code": "c", "issuer": "https://evil.example"}, "Somebody else has answered"),
    ]
    for how, says in cases:
        with pytest.raises(profiles.NotProved, match=says):
            profiles.back(kept, state="s1", **how)


def test_a_server_that_claims_the_domain_of_another_is_not_believed(fake: Fediverse, settings: Any) -> None:
    """It says that it keeps minji of another server; that server says that it keeps her itself."""
    with over_http(Fediverse()) as victim:
        victim.home = urlsplit(victim.url).netloc
        settings.WIRE_PRIVATE_HOSTS = frozenset({fake.home, victim.home})
        apps, fake.claims = Names(), victim.home
        with pytest.raises(profiles.NotProved):
            proved(fake, begun(fake, apps), apps)
        assert len(fake.revoked) == 1, "its token is given back all the same"


def test_a_server_named_by_its_domain_may_lie_elsewhere_when_the_domain_says_so(
    fake: Fediverse, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.elsewhere = "https://social.elsewhere.example"
    with pytest.raises(profiles.NotProved, match=r"social\.elsewhere\.example"):
        begun(fake, Names())


@pytest.mark.parametrize(
    "typed", ["", "minji", "@minji", "javascript:alert(1)", "https://x", "@a b@c.example"]
)
def test_what_is_no_profile_is_said(typed: str, fake: Fediverse) -> None:
    with pytest.raises(profiles.NotProved, match=r"@minji@social\.example"):
        profiles.away(NETWORK, typed, state="s", apps=Names())
    assert fake.asked == []


@pytest.mark.parametrize(
    "typed", ["@minji@127.0.0.1", "minji@localhost.localdomain", "http://169.254.169.254/@minji", "10.0.0.1"]
)
def test_nothing_inside_the_house_is_asked(typed: str) -> None:
    with pytest.raises(profiles.NotProved, match=r"inside the house|encryption|reached|no answer"):
        profiles.away(NETWORK, typed, state="s", apps=Names())


def test_what_cannot_be_linked_is_refused() -> None:
    with pytest.raises(profiles.NotProved, match="cannot be linked so"):
        profiles.asked(NETWORK, "dns", "@minji@social.example", token="t")
    without = next(name for name, data in load().items() if data.identity is None)
    with pytest.raises(profiles.NotProved):
        profiles.away(without, "x", state="s", apps=Names())
    with pytest.raises(catalogue.UnknownNetwork):
        profiles.away("nothing", "x", state="s", apps=Names())


# --- which networks -------------------------------------------------------------------------------------
def test_what_is_offered_comes_from_the_data_files() -> None:
    places = {place.network: place for place in profiles.offered()}
    for name, data in load().items():
        way = data.connect.oauth
        told = data.identity.proofs if data.identity else ()
        able = tuple(p for p in told if p != "oauth" or (way and not way.app))
        assert (places[name].proofs if name in places else ()) == able, name
    assert all(place.label and place.help for place in places.values())


class WithApp(Connector):
    """A network with one place for all, where the bank has an app."""

    def whoami(self) -> Self:
        if self.grant.secrets.get("access") != "t1":
            raise contract.Reconnect("no")
        return Self(remote_id="77", handle="@minji", name="Minji", url="https://app.example/minji", limits={})


def test_where_the_bank_has_an_app_members_sign_in_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    fields = (invented.setting("client_id"), invented.setting("client_secret", secret=True))
    invented.network(
        monkeypatch, WithApp, settings=fields, hosts=invented.hosts("app.example"),
        connect=invented.oauth("https://app.example", basic=True),
        identity=declared.Identity(proofs=("oauth",), scopes=("me",), revoke="https://app.example/revoke"),
    )  # fmt: skip
    assert invented.NAME not in {place.network for place in profiles.offered()}
    with pytest.raises(profiles.NotProved, match="no account on Example Net"):
        profiles.away(invented.NAME, "", state="s", apps=Names())
    channel = Channel(network=invented.NAME, name="X", hook="h", settings={"client_id": "bank"}, state="open")
    connectors.seal_secrets(channel, {"client_secret": "hidden"})
    channel.save()
    away = profiles.away(invented.NAME, "", state="s", apps=Names())
    asked = parse_qs(urlsplit(away.address).query)
    assert (asked["client_id"], asked["scope"]) == (["bank"], ["me"]) and "hidden" not in away.address
    assert asked["redirect_uri"] == ["http://127.0.0.1:8000/m/links/return/"]
    back: list[str] = []

    def revoked(at: authority.Authority, me: authority.Client, *, token: str, key: str) -> bool:
        back.append(token)
        return True

    monkeypatch.setattr(
        authority, "exchanged", lambda *a, **k: authority.Granted(access_token="t1", refresh_token="r1")
    )
    monkeypatch.setattr(authority, "revoked", revoked)
    seen = profiles.back(away.kept, state="s", code="c")
    assert (seen.subject, seen.handle, back) == ("77", "@minji", ["r1", "t1"])


# --- by a page ------------------------------------------------------------------------------------------
def test_a_page_that_links_back_proves_it_and_no_other_does(fake: Fediverse) -> None:
    asked = profiles.asked(NETWORK, "rel-me", f"{fake.url}/@minji", token="tok")
    assert asked.text == "http://127.0.0.1:8000/m/p/tok/" and asked.where == f"{fake.url}/@minji"
    assert profiles.again(asked.kept) == ("tok", asked) and profiles.page_of(asked.kept) == asked.where
    for page in ("", f"<a href='{asked.text}'>x</a>", "<a rel='me' href='http://127.0.0.1:8000/m/p/no/'>"):
        fake.pages["minji"] = page
        with pytest.raises(profiles.NotProved, match="does not link"):
            profiles.looked(asked.kept)
    fake.pages["minji"] = f"<html><head><link rel='me nofollow' href='{asked.text}'></head>"
    seen = profiles.looked(asked.kept)
    assert seen.subject == f"minji@{fake.home}"
    apps = Names()
    assert seen == proved(fake, begun(fake, apps), apps), "whichever the proof, it is the same profile"


def test_nobody_there_and_a_page_that_lies_elsewhere(
    fake: Fediverse, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(profiles.NotProved, match="Nobody on this server"):
        profiles.asked(NETWORK, "rel-me", f"{fake.url}/@nobody", token="t")
    with pytest.raises(profiles.NotProved, match="name of the profile"):
        profiles.asked(NETWORK, "rel-me", fake.url, token="t")
    real = fake._account
    monkeypatch.setattr(fake, "_account", lambda who: {**real(who), "url": "https://evil.example/@minji"})
    with pytest.raises(profiles.NotProved, match="not on its own server"):
        profiles.asked(NETWORK, "rel-me", f"{fake.url}/@minji", token="t")


# --- by a domain -----------------------------------------------------------------------------------------
class ByDomain(Connector):
    """A network on which a name is a domain."""

    def named(self, typed: str) -> Named:
        return Named(account=typed)

    def home(self, account: str) -> str:
        return "https://keeps.example"

    def profile(self, account: str) -> Profile:
        name = "minji.example" if account in {"minji.example", "id1"} else "x:no-domain"
        return Profile(remote_id="id1", handle=f"@{name}", url="https://app.example/id1", since_ms=5)


@pytest.fixture
def by_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    told = declared.Identity(proofs=("dns",), label="Name", help="It is a domain.")
    invented.network(monkeypatch, ByDomain, settings=(), hosts=invented.hosts("app.example"), identity=told)


def test_a_domain_that_says_it_proves_it(by_domain: None, settings: Any) -> None:
    asked = profiles.asked(invented.NAME, "dns", "minji.example", token="tok")
    assert (asked.text, asked.where) == ("bankside-proof=tok", "minji.example")
    with resolver(said("v=spf1"), said("bankside-proof=other")) as at:
        settings.DNS_SERVERS = (at,)
        with pytest.raises(profiles.NotProved, match="does not say it yet"):
            profiles.looked(asked.kept)
    with resolver(said("v=spf1"), said("bankside-", "proof=tok")) as at:
        settings.DNS_SERVERS = (at,)
        seen = profiles.looked(asked.kept)
    assert (seen.subject, seen.account_since_ms) == ("id1", 5)
    assert profiles.reader(invented.NAME, "id1")() == seen


def test_only_the_server_to_which_others_lead_is_believed(by_domain: None) -> None:
    data = catalogue.network(invented.NAME)
    assert looked_up.seen(data, {}, "id1", "https://keeps.example").subject == "id1"
    with pytest.raises(profiles.NotProved, match=r"evil\.example is not the server that keeps this account"):
        looked_up.seen(data, {}, "id1", "https://evil.example")


def test_a_name_that_is_no_domain_cannot_be_proved_so(by_domain: None) -> None:
    with pytest.raises(profiles.NotProved, match="no domain"):
        profiles.asked(invented.NAME, "dns", "somebody", token="tok")


def test_a_name_is_asked_the_bank_of_its_own_accounts(fake: Fediverse) -> None:
    Channel.objects.create(network=NETWORK, name="X", hook="h", account={"remote_id": "id1"}, state="open")
    mine = looked_up.Profile(network=NETWORK, subject="id1", handle="", url="", account_since_ms=0)
    assert profiles.is_the_banks(mine)
    Channel.objects.update(state="removed")
    assert not profiles.is_the_banks(mine)
