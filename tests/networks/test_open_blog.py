"""Open blogs: both protocols say the same, once, and believe no answer that is none."""

from __future__ import annotations

import json
import random
import xmlrpc.client
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import httpx
import pytest

from bankside.networks.catalogue import network
from bankside.networks.contract import (
    Gone,
    Grant,
    Later,
    Media,
    NotAllowed,
    NotOffered,
    Post,
    Reconnect,
    Refused,
    Uncertain,
)
from bankside.networks.open_blog.words import slug_of
from bankside.networks.open_blog.xml_rpc import NoAnswer, value_in
from tests.networks.pretended.open_blog import SITE, Blog, PretendedMetaWeblog, PretendedMicropub
from tests.networks.test_lost_answers import Lossy, brought_out

TRIES = 200
KINDS: dict[str, Callable[[], Blog]] = {"micropub": PretendedMicropub, "metaweblog": PretendedMetaWeblog}
STUBBORN: dict[str, Callable[[], Blog]] = {
    "a wanted address is not taken": lambda: PretendedMicropub(honours=False),
    "XML-RPC": PretendedMetaWeblog,
    "XML-RPC without addresses and moments": lambda: PretendedMetaWeblog(dates=False),
}
ARTICLE = Post(
    title="3분기 실적 & <b>meer</b>", kind="article", slug="q3-results",
    text="당기순이익이 12% 늘었습니다.\n\n谢谢 & [gallery] <script>x</script>",
)  # fmt: skip
NOTE = Post(text="De bank is open. & <3", kind="note")
PICTURE = Media(mime="image/png", alt='새 "지점"', data=b"\x89PNG not really", name="a.png")


class Asked(httpx.BaseTransport):
    """The blog, and everything that was asked of it."""

    def __init__(self, blog: Blog) -> None:
        self.requests: list[httpx.Request] = []
        self._blog = blog

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._blog.handle_request(request)


@pytest.fixture(params=KINDS)
def blog(request: pytest.FixtureRequest) -> Blog:
    return KINDS[request.param]()


# --- both protocols ----------------------------------------------------------------------------------------
def test_what_is_said_is_what_stands_there(blog: Blog) -> None:
    made = blog.connector()
    for number, post in enumerate((ARTICLE, NOTE)):
        receipt = made.send(post, f"v{number}:c1")
        assert made.find(f"v{number}:c1", post) is not None and receipt.url.startswith(SITE)
    bodies = [one.body for one in blog.kept.values()]
    assert "&lt;script&gt;" in bodies[0] and "&#91;gallery&#93;" in bodies[0] and "<b>" not in bodies[0]
    assert [len(words.split()) for words in blog.visible()] == [7, 6]


def test_an_edit_changes_the_same_post_and_is_found(blog: Blog) -> None:
    made = blog.connector()
    receipt = made.send(ARTICLE, "v1:c1")
    edit = replace(ARTICLE, text="당기순이익이 13% 늘었습니다.", replaces=receipt.remote_id)
    assert made.find("v2:c1", edit) is None
    assert made.send(edit, "v2:c1").remote_id == receipt.remote_id
    found = made.find("v2:c1", edit)
    assert found and found.remote_id == receipt.remote_id and blog.visible() == [edit.text]


def test_what_is_removed_is_gone_and_removing_it_again_is_no_fault(blog: Blog) -> None:
    made = blog.connector()
    receipt = made.send(NOTE, "v1:c1")
    for _ in range(2):
        made.remove(receipt.remote_id)
    assert blog.visible() == []
    with pytest.raises(Gone):
        made.send(replace(NOTE, replaces=receipt.remote_id), "v2:c1")
    assert made.find("v2:c1", replace(NOTE, replaces=receipt.remote_id)) is None


def test_pictures_are_uploaded_before_and_say_what_they_show(blog: Blog) -> None:
    blog.connector().send(replace(ARTICLE, media=(PICTURE, PICTURE)), "v1:c1")
    [kept] = blog.kept.values()
    assert blog.uploaded == [PICTURE.data, PICTURE.data]
    if kept.properties:
        assert [p["alt"] for p in kept.properties["photo"]] == [PICTURE.alt] * 2
    else:
        assert kept.body.count('alt="새 &quot;지점&quot;"') == 2


def test_an_answer_to_an_upload_that_is_lost_is_no_doubt(blog: Blog) -> None:
    class Cut(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if b"PNG" in request.read() or b"newMediaObject" in request.read():
                raise httpx.ReadError("The answer was lost.")
            return blog.handle_request(request)

    with pytest.raises(Later):
        blog.connector(Cut()).send(replace(ARTICLE, media=(PICTURE,)), "v1:c1")
    assert blog.visible() == []


@pytest.mark.parametrize("made", [PretendedMicropub, PretendedMetaWeblog])
def test_what_was_changed_there_by_hand_is_known_by_its_address(made: Callable[[], Blog]) -> None:
    blog = made()
    blog.connector().send(ARTICLE, "v1:c1")
    [kept] = blog.kept.values()
    kept.title, kept.body = "anders", "<p>고쳤습니다</p>"
    kept.properties |= {"name": ["anders"], "content": ["고쳤습니다"]} if kept.properties else {}
    assert blog.connector().find("v1:c1", ARTICLE) is not None
    assert blog.connector().find("v2:c1", ARTICLE) is None


@pytest.mark.parametrize("case", STUBBORN)
def test_other_words_or_another_title_are_another_post(case: str) -> None:
    blog = STUBBORN[case]()
    made = blog.connector()
    made.send(ARTICLE, "v1:c1")
    assert made.find("v1:c1", ARTICLE) is not None
    for other in (replace(ARTICLE, title="4분기 실적"), replace(ARTICLE, text="Iets anders.")):
        assert made.find("v2:c1", other) is None


def test_the_same_words_of_another_day_are_another_post() -> None:
    blog = PretendedMicropub(honours=False)
    made = blog.connector()
    made.send(NOTE, "v1:c1")
    [kept] = blog.kept.values()
    assert made.find("v2:c1", NOTE) is not None
    kept.properties["published"] = ["2026-01-01T09:00:00+09:00"]
    assert made.find("v2:c1", NOTE) is None


def test_without_a_good_secret_the_channel_has_to_be_connected_again(blog: Blog) -> None:
    bad = blog.connector(access_token="wrong", password="wrong")
    for work in (bad.whoami, lambda: bad.send(NOTE, "v1:c1"), lambda: bad.find("v1:c1", NOTE)):
        with pytest.raises(Reconnect):
            work()


@pytest.mark.parametrize("case", STUBBORN)
def test_over_a_bad_line_a_blog_says_everything_once(case: str) -> None:
    dice, ends = random.Random(case), Counter[str]()
    blog = STUBBORN[case]()
    for number in range(TRIES):
        if number % 20 == 0:
            blog = STUBBORN[case]()
        made = blog.connector(Lossy(blog, dice))
        ends[brought_out(made, blog.post(number), f"v{number}:c1")] += 1
        assert max(Counter(blog.visible()).values()) == 1 and len(blog.visible()) == number % 20 + 1
    assert ends == {"sent": TRIES}


def test_words_that_no_xml_can_hold_are_refused(blog: Blog) -> None:
    for words in ("a\x0bb", "a\ud800b", "a\ufffeb"):
        assert blog.connector().preview(replace(NOTE, text=words)).findings
        with pytest.raises(Refused):
            blog.connector().send(replace(NOTE, text=words), "v1:c1")
    assert not blog.connector().preview(replace(NOTE, text="a\tb\r\nc 👍")).findings


def test_an_address_is_made_from_the_key_alone() -> None:
    assert slug_of(ARTICLE, "v1:c1") == slug_of(ARTICLE, "v1:c1") != slug_of(ARTICLE, "v1:c2")
    assert slug_of(ARTICLE, "v1:c1").startswith("q3-results-") and slug_of(NOTE, "k").startswith("post-")


@pytest.mark.parametrize("remote_id", ["", "post:", "page:1", "javascript:x", "7"])
def test_an_id_that_is_none_is_refused(blog: Blog, remote_id: str) -> None:
    with pytest.raises(Refused):
        blog.connector().remove(remote_id)


# --- Micropub -----------------------------------------------------------------------------------------------
def test_a_post_is_an_h_entry_with_lists_of_values() -> None:
    blog = PretendedMicropub()
    asked = Asked(blog)
    blog.connector(asked).send(replace(ARTICLE, title="실적", text="12%"), "v1:c1")
    [request] = [r for r in asked.requests if r.method == "POST"]
    assert json.loads(request.read()) == {
        "type": ["h-entry"],
        "properties": {
            "content": [{"html": "<p>12%</p>"}], "name": ["실적"], "post-status": ["published"],
            "mp-slug": [slug_of(ARTICLE, "v1:c1")],
        },
    }  # fmt: skip
    assert request.headers["authorization"].startswith("Bearer ")


def test_a_blog_that_lists_no_posts_is_never_looked_through() -> None:
    blog = PretendedMicropub(lists=False)
    me = blog.connector().whoami()
    assert me.limits == {"listed": 0}
    grant = Grant(settings=blog.settings, secrets=blog.secrets, account={"limits": me.limits})
    made = network("open_blog").connector(grant, network("open_blog").wire(blog.settings, transport=blog))
    assert not made.can("find") and made.can("send")
    with pytest.raises(NotOffered):
        made.find("v1:c1", NOTE)
    assert PretendedMicropub().connector().whoami().limits == {"listed": 1}


def test_a_blog_without_a_place_for_media_takes_no_pictures() -> None:
    blog = PretendedMicropub()
    blog.takes_pictures = False
    with pytest.raises(Refused, match="takes no pictures"):
        blog.connector().send(replace(NOTE, media=(PICTURE,)), "v1:c1")


@pytest.mark.parametrize(
    "headers", [{}, {"location": ""}, {"location": "javascript:x"}, {"location": "http://["}]
)  # fmt: skip
def test_a_post_without_an_address_is_in_doubt(headers: dict[str, str]) -> None:
    blog = PretendedMicropub()
    blog.failing["POST /micropub"] = [(201, "", headers)]
    with pytest.raises(Uncertain):
        blog.connector().send(NOTE, "v1:c1")


@pytest.mark.parametrize(
    "page, header, found",
    [
        ('<link rel="micropub" href="/api/micropub">', "", f"{SITE}/api/micropub"),
        ("<LINK HREF='https://pub.hanulbank.example/m?a=1&amp;b=2' REL='me Micropub'>", "",
         "https://pub.hanulbank.example/m?a=1&b=2"),
        ('<link rel="micropub" href="/page">', '<https://h.example/m>; rel="micropub"', "https://h.example/m"),
        ("", f"<{SITE}/a>; rel=hub, </m>; rel=micropub", f"{SITE}/m"),
        ('<a rel="micropub" href="javascript:x">', "", ""),
        ("<p>micropub</p>", "", ""),
    ],
)  # fmt: skip
def test_the_first_page_names_the_interface(page: str, header: str, found: str) -> None:
    blog = PretendedMicropub()
    made = network("open_blog").connector(
        Grant(settings={"protocol": "micropub", "site": SITE}),
        network("open_blog").wire(blog.settings, transport=blog),
    )
    blog.failing["GET /"] = [
        (200, page, {"content-type": "text/html", **({"link": header} if header else {})})
    ]
    assert made.locate() == ({"endpoint": found} if found else {})


def test_an_interface_that_is_given_is_not_looked_for(blog: Blog) -> None:
    assert blog.connector().locate() == {}


def test_without_an_interface_nothing_is_asked(blog: Blog) -> None:
    settings = {name: value for name, value in blog.settings.items() if name != "endpoint"}
    made = network("open_blog").connector(
        Grant(settings=settings), network("open_blog").wire(settings, transport=blog)
    )
    with pytest.raises(Refused, match="names no interface"):
        made.whoami()


@pytest.mark.parametrize("body", ["[]", "null", '{"items": 1}', "<html>", '{"items":[1,{"properties":[]}]}'])
def test_a_list_that_is_none_finds_nothing_and_crashes_nothing(body: str) -> None:
    blog = PretendedMicropub()
    blog.failing["GET /micropub"] = [(200, body, {"content-type": "application/json"})]
    with suppress(Later):
        assert blog.connector().find("v1:c1", NOTE) is None


# --- MetaWeblog ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "code, error", [(403, Reconnect), (401, NotAllowed), (404, Gone), (500, Refused), (-32601, Refused)]
)  # fmt: skip
def test_a_fault_is_an_answer(code: int, error: type[Exception]) -> None:
    blog = PretendedMetaWeblog()
    fault = xmlrpc.client.dumps(xmlrpc.client.Fault(code, "안 됩니다 <b>Nee</b>"))
    blog.failing["POST /xmlrpc"] = [(200, fault, {"content-type": "text/xml"})]
    with pytest.raises(error, match="안 됩니다 Nee"):
        blog.connector().send(NOTE, "v1:c1")


WHOLE = (
    b"<methodResponse><params><param><value><string>&a;</string></value></param></params></methodResponse>"
)
HOSTILE = {
    "an answer with an entity of its own": b'<!DOCTYPE l [<!ENTITY a "7">]>' + WHOLE,
    "a bomb of entities": b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><value>&b;</value>',
    "a file of ours": b'<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><value>&a;</value>',
    "a page": b"<html><p>Bad gateway</html>",
    "nothing": b"",
    "half an answer": b"<?xml version='1.0'?><methodResponse><params><param><value><string>7",
    "no number": b"<params><param><value><int>seven</int></value></param></params>",
    "a fault without words": b"<methodResponse><fault><value><int>1</int></value></fault></methodResponse>",
    "two answers": xmlrpc.client.dumps((1, 2)).encode(),
    "no values": b"<methodResponse><params></params></methodResponse>",
    "deep": b"<value><array><data>" * 100_000,
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_no_answer_leaves_a_post_in_doubt(case: str) -> None:
    blog = PretendedMetaWeblog()
    with pytest.raises(NoAnswer):
        value_in(HOSTILE[case])
    made, answer = blog.connector(), (200, HOSTILE[case], {"content-type": "text/xml"})
    blog.failing["POST /xmlrpc"] = [answer]
    with pytest.raises(Uncertain):
        made.send(NOTE, "v1:c1")
    blog.failing["POST /xmlrpc"] = [answer]
    with pytest.raises(Later):
        made.find("v1:c1", NOTE)


def test_values_of_every_type_are_read() -> None:
    told: dict[str, Any] = {"a": 1, "b": "韩尔 & <", "c": True, "d": [1.5, b"\0\xff"]}
    assert value_in(xmlrpc.client.dumps((told,), methodresponse=True).encode()) == told


def test_the_first_page_leads_to_the_description_of_the_interface() -> None:
    blog = PretendedMetaWeblog()
    page = '<link rel="EditURI" type="application/rsd+xml" href="/rsd.xml">'
    described = (
        '<rsd><apis><api name="Blogger" blogID="1" apiLink="/old"/>'
        f'<api name="MetaWeblog" blogID="42" apiLink="{SITE}/xmlrpc"/></apis></rsd>'
    )
    settings = {"protocol": "metaweblog", "site": SITE}
    made = network("open_blog").connector(
        Grant(settings=settings), network("open_blog").wire(settings, transport=blog)
    )
    blog.failing = {"GET /": [(200, page, {})], "GET /rsd.xml": [(200, described, {})]}
    assert made.locate() == {"endpoint": f"{SITE}/xmlrpc", "blog": "42"}


def test_a_password_is_in_no_error() -> None:
    blog = PretendedMetaWeblog()
    fault = xmlrpc.client.dumps(xmlrpc.client.Fault(500, "not for s3cret-w0rd"))
    blog.failing["POST /xmlrpc"] = [(200, fault, {})]
    with pytest.raises(Refused) as refused:
        blog.connector(password="s3cret-w0rd").send(NOTE, "v1:c1")
    assert "s3cret" not in str(refused.value)


def test_an_answer_that_is_a_redirect_or_a_page_of_a_host_is_told(blog: Blog) -> None:
    place = "POST /micropub" if isinstance(blog, PretendedMicropub) else "POST /xmlrpc"
    for status, error in ((429, Later), (302, Refused), (502, Uncertain), (405, Refused)):
        blog.failing[place] = [(status, "<html>", {"location": "https://evil.example/", "retry-after": "9"})]
        with pytest.raises(error):
            blog.connector().send(NOTE, "v1:c1")
    assert blog.visible() == []
