"""What goes out to X: who may be answered, versions, words that X changes, limits."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from bankside.networks.catalogue import network
from bankside.networks.contract import (
    Connector,
    Expired,
    Gone,
    Grant,
    Later,
    Media,
    NotAllowed,
    Post,
    Reconnect,
    Refused,
)
from bankside.networks.x_com.words import bare
from tests.networks.pretended.x_com import BANK, PretendedX
from tests.networks.x_com_desk import Watching, enterprise, read

PICTURE = Media(mime="image/jpeg", alt="", name="a.jpg", data=b"\xff\xd8 no picture")


@pytest.fixture
def fake() -> PretendedX:
    return PretendedX()


@pytest.fixture
def desk(fake: PretendedX) -> Connector:
    return fake.connector()


# --- how long a text is ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text", ["a" * 280, "가" * 140, "中" * 140, "a" * 256 + " https://example.com/" + "x" * 90]
)
def test_the_limit_is_taken_and_one_more_is_not(desk: Connector, text: str) -> None:
    assert desk.preview(Post(text=text)).findings == ()
    [finding] = desk.preview(Post(text="!" + text)).findings
    assert "280" in finding
    with pytest.raises(Refused):
        desk.send(Post(text="!" + text), "1")


def test_a_private_message_is_longer_and_carries_one_picture(fake: PretendedX, desk: Connector) -> None:
    def message(length: int, pictures: int) -> Post:
        return Post(text="a" * length, to=(BANK,), private=True, media=(PICTURE,) * pictures)

    assert desk.preview(message(10_000, 1)).findings == ()
    assert desk.preview(message(10_001, 1)).findings and desk.preview(message(1, 2)).findings


def test_two_cashtags_are_too_many_for_whoever_pays_per_use(fake: PretendedX, desk: Connector) -> None:
    two = Post(text="$HNL and $ING rise; a coffee costs $4")
    assert len(desk.preview(two).findings) == 1
    assert desk.preview(Post(text="$HNL, again $HNL; a coffee costs $4")).findings == ()
    assert enterprise(fake).preview(two).findings == ()


def test_five_pictures_are_one_too_many(desk: Connector) -> None:
    assert desk.preview(Post(text="", media=(PICTURE,) * 4)).findings == ()
    assert desk.preview(Post(text="", media=(PICTURE,) * 5)).findings


# --- what goes out -----------------------------------------------------------------------------------------
def test_a_picture_goes_up_in_parts_with_its_description_before_the_post(fake: PretendedX) -> None:
    watching = Watching(fake)
    data = bytes(range(256)) * 9_000
    picture = Media(mime="image/png", alt="De ingang", name="x.png", data=data)
    fake.connector(watching).send(Post(text="Kijk", media=(picture,)), "1")
    places = [place.rpartition("/")[2] for place, _ in watching.asked]
    assert places == ["initialize", "append", "append", "append", "finalize", "metadata", "tweets"]
    [upload] = fake.uploads.values()
    assert upload["data"] == data and upload["media_category"] == "tweet_image"
    assert watching.asked[-1][1] == {"text": "Kijk", "media": {"media_ids": list(fake.uploads)}}


def test_a_lost_answer_to_an_upload_is_no_doubt_about_the_post(fake: PretendedX, desk: Connector) -> None:
    fake.failing["POST /2/media/upload/initialize"] = [(502, "", {})]
    with pytest.raises(Later):
        desk.send(Post(text="Kijk", media=(PICTURE,)), "1")
    assert fake.visible() == []


def test_a_thread_is_an_answer_to_our_own_post(fake: PretendedX, desk: Connector) -> None:
    first = desk.send(Post(text="1/2 금리 안내"), "1").remote_id
    second = desk.send(Post(text="2/2 자세한 내용", in_reply_to=first, thread=first), "2").remote_id
    assert fake.posts[second].conversation == first


def test_only_who_names_or_quotes_us_is_answered_and_others_by_hand(
    fake: PretendedX, desk: Connector
) -> None:
    post = desk.send(Post(text="새 지점"), "1").remote_id
    may = [
        fake.says("a", "@HanulBank hallo"),
        fake.says("b", "看", quoting=post),
        fake.says("c", "네", under=post),
    ]
    may_not = fake.says("d", "@c goed punt", under=may[2])
    allowed = {a.remote_id: a.reply_allowed for a in read(desk, desk.poll("", 0).items)}
    assert allowed == {**dict.fromkeys(may, True), may_not: False}
    for id in may:
        desk.send(Post(text=f"Hallo {id}", in_reply_to=id), id)
    with pytest.raises(NotAllowed) as raised:
        desk.send(Post(text="Hallo", in_reply_to=may_not), "2")
    assert raised.value.fallback == f"https://x.com/i/web/status/{may_not}"


def test_an_enterprise_contract_lets_everybody_be_answered(fake: PretendedX, desk: Connector) -> None:
    post = desk.send(Post(text="x"), "1").remote_id
    fake.says("d", "@c goed punt", under=fake.says("c", "네", under=post))
    raw = desk.poll("", 0)
    assert all(a.reply_allowed for a in read(enterprise(fake), raw.items)) and len(raw.items) == 2


def test_an_edit_keeps_the_posts_name_and_goes_to_its_newest_version(
    fake: PretendedX, desk: Connector
) -> None:
    post = desk.send(Post(text="3%"), "1").remote_id
    for number in ("4%", "5%"):
        receipt = desk.send(Post(text=number, replaces=post), number)
        assert receipt.remote_id == post and receipt.url.endswith(fake.posts[post].versions[-1][0])
    assert fake.visible() == ["5%"]
    found = desk.find("5%", Post(text="5%", replaces=post))
    assert found and found.remote_id == post
    assert desk.find("4%", Post(text="4%", replaces=post)) is None
    assert desk.find("3%", Post(text="3%", replaces=post)) is None


def test_an_account_without_premium_is_told_before_that_it_changes_nothing(fake: PretendedX) -> None:
    edit = Post(text="x", replaces="1999999999999999999")
    for limits, refused in (({"premium": 0}, True), ({"premium": 1}, False), ({}, False)):
        account = {**fake.account, "limits": limits}
        made = network("x_com").connector(Grant(settings=fake.settings, account=account))
        assert bool(made.preview(edit).findings) == refused


def test_an_exchange_is_answered_by_its_name_when_no_message_is_named(
    fake: PretendedX, desk: Connector
) -> None:
    sanne = fake.person("sanne")
    sent = desk.send(Post(text="Bel ons", in_reply_to=f"with:{sanne}", private=True), "1")
    assert sent.remote_id == f"dm:{fake.messages[0]['id']}" and fake.messages[0]["other"] == sanne
    found = desk.find("1", Post(text="Bel ons", in_reply_to=f"with:{sanne}", private=True))
    assert found and found.remote_id == sent.remote_id
    assert desk.find("1", Post(text="Bel niet", in_reply_to=f"with:{sanne}", private=True)) is None
    with pytest.raises(Refused):
        desk.send(Post(text="x", to=(sanne, BANK), private=True), "2")
    with pytest.raises(NotAllowed) as raised:
        desk.send(Post(text="x", to=("1900000000000000000",), private=True), "3")
    assert raised.value.fallback == "https://x.com/messages"


@pytest.mark.parametrize(
    "text",
    [
        "R&D <b>kost</b> &amp; niets", "https://hanulbank.example/a?b=1&c=2 en https://hanulbank.example/",
        "é", "가\n\n나", "@sanne hoi", "第一 https://hanulbank.example/路径",
    ],
)  # fmt: skip
def test_a_post_is_found_whatever_x_makes_of_its_words(fake: PretendedX, desk: Connector, text: str) -> None:
    question = fake.says("minji", "@hanulbank ?")
    for above, media in (("", ()), (question, ()), ("", (PICTURE,))):
        post = Post(text=text, in_reply_to=above, media=media)
        sent = desk.send(post, "1").remote_id
        found = desk.find("1", post)
        assert found and found.remote_id == sent
        fake.deletes(sent)
        assert desk.find("1", post) is None


def test_the_same_words_elsewhere_or_with_other_pictures_are_not_found(
    fake: PretendedX, desk: Connector
) -> None:
    question, other = (fake.says("minji", f"@hanulbank {n}?") for n in range(2))
    desk.send(Post(text="네", in_reply_to=question), "1")
    for post in (Post(text="네"), Post(text="네", in_reply_to=other)):
        assert desk.find("1", post) is None
    assert desk.find("1", Post(text="네", in_reply_to=question, media=(PICTURE,))) is None
    assert desk.find("1", Post(text="네", in_reply_to=question))


def test_addresses_are_the_same_with_and_without_their_scheme() -> None:
    assert bare("@a @b zie hanulbank.example/") == bare("zie https://hanulbank.example")
    assert bare("zie hanulbank.example/a") != bare("zie hanulbank.example/b")


def test_what_x_says_with_status_200_is_believed(fake: PretendedX, desk: Connector) -> None:
    for remote_id in ("1999999999999999999", "nothing", "../1"):
        with pytest.raises(Gone):
            desk.send(Post(text="x", replaces=remote_id), "1")
    kind = "https://api.twitter.com/2/problems/not-authorized-for-resource"
    error = {"errors": [{"type": kind, "title": "Authorization Error", "detail": "Protected."}]}
    fake.failing["GET /2/tweets"] = [(200, error, {"content-type": "application/json"})]
    with pytest.raises(NotAllowed, match="Protected"):
        desk.send(Post(text="x", replaces="1999999999999999999"), "1")


def test_counts_are_those_of_all_versions_and_what_is_gone_is_left_out(
    fake: PretendedX, desk: Connector
) -> None:
    one, two = (desk.send(Post(text=t), t).remote_id for t in ("een", "twee"))
    desk.send(Post(text="één", replaces=one), "3")
    measured = desk.measure((one, "1999999999999999999", two, "dm:1999999999999999999"))
    assert [(m.remote_id, m.counts["likes"], m.counts["views"]) for m in measured] == [
        (one, 7, 200),
        (two, 5, 100),
    ]


def test_a_private_message_is_not_taken_back(fake: PretendedX, desk: Connector) -> None:
    with pytest.raises(NotAllowed):
        desk.remove("dm:1999999999999999999")


# --- limits ------------------------------------------------------------------------------------------------
def test_when_no_call_is_left_none_is_made_until_the_reset(fake: PretendedX, desk: Connector) -> None:
    reset = str(int(time.time()) + 300)
    fake.rate["POST /2/tweets"] = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": reset}
    desk.send(Post(text="de laatste"), "1")
    with pytest.raises(Later) as raised:
        desk.send(Post(text="te veel"), "2")
    assert 290 < raised.value.after_seconds <= 300 and fake.visible() == ["de laatste"]
    assert desk.find("1", Post(text="de laatste"))  # other calls have limits of their own


@pytest.mark.parametrize("window", ["x-rate-limit", "x-app-limit-24hour", "x-user-limit-24hour"])
def test_too_many_calls_wait_until_the_window_that_is_full_opens(
    fake: PretendedX, desk: Connector, window: str
) -> None:
    ends = {f"{window}-remaining": "0", f"{window}-reset": str(int(time.time()) + 7000)}
    fake.failing["POST /2/tweets"] = [(429, {"title": "Too Many Requests"}, ends)]
    with pytest.raises(Later) as raised:
        desk.send(Post(text="x"), "1")
    assert 6900 < raised.value.after_seconds <= 7000


@pytest.mark.parametrize("reset", ["", "soon", "-5", "9" * 40, "１２３"])
def test_a_reset_that_makes_no_sense_is_a_short_wait(fake: PretendedX, desk: Connector, reset: str) -> None:
    headers = {"x-rate-limit-remaining": "0"} | ({"x-rate-limit-reset": reset} if reset.isascii() else {})
    fake.failing["POST /2/tweets"] = [(429, "", headers)]
    with pytest.raises(Later) as raised:
        desk.send(Post(text="x"), "1")
    assert raised.value.after_seconds == 60


def test_a_token_that_has_ended_is_renewed_and_none_is_asked_for(fake: PretendedX) -> None:
    with pytest.raises(Expired):
        fake.connector(access="ended").whoami()
    with pytest.raises(Reconnect):
        fake.connector(access="").whoami()


@pytest.mark.parametrize("answer", [b"", b"[]", b"{", b'{"data": 7}', b'{"data": [{"id": 7}]}', b"\xff"])
def test_an_answer_that_makes_no_sense_is_waited_for(
    fake: PretendedX, desk: Connector, answer: bytes
) -> None:
    nonsense = (200, answer, {"content-type": "application/json"})
    calls: dict[str, Callable[[], object]] = {
        "GET /2/users/me": desk.whoami,
        "GET /2/tweets": lambda: desk.measure(("1999999999999999999",)),
        f"GET /2/users/{BANK}/mentions": lambda: desk.poll("", 0),
        f"GET /2/users/{BANK}/tweets": lambda: desk.find("1", Post(text="x")),
    }
    for place, call in calls.items():
        fake.failing[place] = [nonsense]
        with pytest.raises(Later):
            call()


def test_a_channel_of_the_form_is_whole() -> None:
    data = network("x_com")
    assert data.filled({"client_id": "x"}, {"client_secret": "y"})["plan"] == "self-serve"
    with pytest.raises(Refused):
        data.filled({"client_id": "x", "plan": "free"}, {"client_secret": "y"})
    assert data.connector(Grant(settings={})).can("poll")
