from __future__ import annotations

import msgspec
import pytest

from bankside.networks.catalogue import NetworkData, network
from bankside.networks.contract import Media, Post
from bankside.networks.fit import fitted, kind_for, live_text


def data(**changes: object) -> NetworkData:
    return msgspec.structs.replace(network("practice"), **changes)


def findings(post: Post, given: NetworkData | None = None) -> tuple[str, ...]:
    return fitted(given or data(), post, {}).findings


def image(**changes: object) -> Media:
    given: dict[str, object] = {"mime": "image/png", "alt": "", "data": b"x", "name": "a.png"}
    return Media(**{**given, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["Our results", "결과를 발표합니다", "公布业绩", "Onze cijfers", "👍"])
def test_what_fits_has_no_finding_and_keeps_its_words(text: str) -> None:
    preview = fitted(data(), Post(text=text), {})
    assert preview.findings == () and preview.text == text and preview.counts[0].ok


@pytest.mark.parametrize(
    ("post", "word"),
    [
        (Post(text="가" * 501), "501 characters"),
        (Post(text=" \n"), "empty"),
        (Post(text="a\x00b"), "U+0000"),
        (Post(text="a", title="t"), "title"),
        (Post(text="a", private=True), "receiver"),
        (Post(text="a", media=(image(mime="image/svg+xml"),)), "image/svg+xml"),
        (Post(text="a", media=(image(),) * 5), "Too many"),
        (Post(text="a", media=(image(data=b"x" * 8_000_001),)), "too large"),
        (Post(text="a", media=(image(alt="가" * 1501),)), "description"),
    ],
)
def test_what_the_network_would_refuse_is_found_and_named(post: Post, word: str) -> None:
    (found,) = findings(post)
    assert word in found


def test_several_findings_are_all_told() -> None:
    assert len(findings(Post(text="가" * 501, title="t", private=True))) == 3


def test_what_a_network_does_not_offer_is_found() -> None:
    bare = data(offers=())
    for post in (
        Post(text="a", in_reply_to="1"),
        Post(text="a", replaces="1"),
        Post(text="a", private=True, to=("b",)),
    ):
        assert len(findings(post, bare)) == 1


def test_a_picture_without_words_is_something_to_say() -> None:
    assert findings(Post(text="", media=(image(),))) == ()


def test_the_live_limits_of_the_account_override_the_file() -> None:
    account = {"limits": {"limit": 3, "unknown": 7}}
    assert live_text(data().text, account).limit == 3
    assert fitted(data(), Post(text="가나다라"), account).findings
    assert fitted(data(), Post(text="가나다라"), {"limits": None}).findings == ()


def test_titles_are_counted_where_there_are_titles() -> None:
    titled = data(offers=("title",), text=msgspec.structs.replace(data().text, title_limit=3))
    assert findings(Post(text="a", title="가나다"), titled) == ()
    assert "characters of the title" in findings(Post(text="a", title="가나다라"), titled)[0]


def test_a_network_makes_its_own_kind_of_what_it_does_not_have() -> None:
    assert kind_for(network("wordpress"), Post(text="a")) == "article"
    assert kind_for(network("wordpress"), Post(text="a", kind="page")) == "page"
    assert kind_for(data(), Post(text="a", kind="page")) == "note"
