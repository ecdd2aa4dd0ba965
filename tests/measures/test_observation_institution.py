"""Accounts of one institution over several of its pages, and of pages of others."""

from __future__ import annotations

import pytest

from bankside.channels.places import KnownPlace
from bankside.measures.observation.addresses import Addresses
from bankside.measures.observation.institution import Account, Institution, accounts, networks
from bankside.measures.observation.likeness import akin, imitates
from bankside.measures.observation.page import observed
from bankside.networks.declared import Form, KnownBy

HANUL = Institution(name="Hanul Bank", hosts=("www.hanul.example",))
PLACES = (
    KnownPlace(
        network="examplenet", title="Examplenet", closed=False,
        known_by=KnownBy(
            hosts=("net.example", "old.example"), handle="[a-z0-9._]{3,30}", idle=".",
            address="https://net.example/{handle}", never=("share", "login"), metas=("net:site",),
            forms=(Form(path="/{handle}/posts/*", shows="post"), Form(path="/{handle}")),
        ),
    ),
    KnownPlace(
        network="gone", title="Gone", closed=True,
        known_by=KnownBy(
            hosts=("gone.example",), handle="[a-z]{3,30}", address="https://gone.example/{handle}",
            forms=(Form(path="/{handle}"),),
        ),
    ),
)  # fmt: skip
TABLE = Addresses(PLACES)


def seen(body: str, address: str = "https://www.hanul.example/") -> object:
    return observed(body.encode(), TABLE, address=address)


def found(*pages: object, answers: dict[str, int] | None = None) -> dict[str, Account]:
    return {f"{one.network}:{one.key}": one for one in accounts(HANUL, pages, TABLE, answers)}  # type: ignore[arg-type]


def test_ways_to_write_it_are_one_account() -> None:
    one = seen(
        '<footer><a href="https://net.example/Hanul.Bank?ref=x">a</a>'
        '<a href="//old.example/hanulbank/">b</a></footer>'
    )
    two = seen('<meta name="net:site" content="@hanulbank">', "https://hanul.example/contact")
    every = found(one, two)
    assert list(every) == ["examplenet:hanulbank"]
    account = every["examplenet:hanulbank"]
    assert (account.strength, account.pages, account.own, account.flags) == (3, 2, True, ())
    assert {t.finding.evidence for t in account.traces} == {"link", "meta"}


def test_shares_and_sign_in_are_none() -> None:
    assert (
        found(seen('<a href="https://net.example/share?u=1">s</a><a href="https://net.example/login">l</a>'))
        == {}
    )


def test_what_only_a_foreign_page_says_is_not_its_own() -> None:
    own = seen('<footer><a href="https://net.example/hanulbank">a</a></footer>')
    foreign = seen(
        '<footer><a href="https://net.example/hanu1bank">win</a></footer>', "https://prize.example/"
    )
    every = found(own, foreign)
    assert every["examplenet:hanu1bank"].flags[0] == "look-alike"
    assert not every["examplenet:hanu1bank"].own
    assert networks(every.values()) == ("examplenet",)


@pytest.mark.parametrize(
    "around",
    [
        '<blockquote><a href="{}">x</a></blockquote>', '<div class="byline"><a href="{}">x</a></div>',
        '<p>Website by <a href="{}">x</a></p>', '<ul class="partners"><li><a href="{}">x</a></li></ul>',
        '<div class="comment"><a href="{}">x</a></div>', '<p>제작: <a href="{}">x</a></p>',
    ],
)  # fmt: skip
def test_others_are_told_by_what_stands_around(around: str) -> None:
    every = found(seen(around.format("https://net.example/somebody")))
    assert every["examplenet:somebody"].flags == ("third-party",)


def test_dead_and_closed_are_said() -> None:
    page = seen(
        '<nav><a href="https://net.example/hanulbank">a</a><a href="https://gone.example/hanul">b</a></nav>'
    )
    every = found(page, answers={"https://net.example/hanulbank": 404})
    assert every["examplenet:hanulbank"].flags == ("dead",)
    assert every["gone:hanul"].flags == ("closed",)
    assert networks(every.values()) == ("gone",)


def test_a_quoted_post_of_its_own_does_not_make_it_a_stranger() -> None:
    page = seen(
        '<footer><a href="https://net.example/hanulbank">a</a></footer><blockquote><a href="https://net.example/hanulbank/posts/1">p</a></blockquote>'
    )
    assert found(page)["examplenet:hanulbank"].own


def test_the_order_of_pages_does_not_matter() -> None:
    pages = [
        seen(f'<footer><a href="https://net.example/hanul{n}">a</a></footer>', f"https://hanul.example/{n}")
        for n in range(4)
    ]
    assert accounts(HANUL, pages, TABLE) == accounts(HANUL, pages[::-1], TABLE)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "real", "whether"),
    [
        ("hanu1bank", "hanulbank", True), ("hanulbnak", "hanulbank", True), ("hanullbank", "hanulbank", True),
        ("hаnulbank", "hanulbank", True), ("hanulbank", "hanulbank", False),
        ("hanulbank_kr", "hanulbank", False), ("hanulban", "hanulbank", False), ("other", "hanulbank", False),
    ],
)  # fmt: skip
def test_names_that_look_alike(name: str, real: str, whether: bool) -> None:
    assert imitates(name, real) is whether


def test_names_that_belong_together() -> None:
    names = frozenset({"Hanul Bank", "hanul"})
    assert akin("hanul_official", names) and akin("wearehanul", names) and not akin("studiobrik", names)
