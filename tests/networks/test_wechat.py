"""What is particular to WeChat: drafts and publications, one answer for a comment, its numbers for errors."""

from __future__ import annotations

import time
from dataclasses import replace

import httpx
import pytest

from bankside.networks.catalogue import network
from bankside.networks.contract import (
    Gone,
    Grant,
    Later,
    Media,
    NotAllowed,
    Post,
    Refused,
    Uncertain,
)
from bankside.networks.wechat import mark_of
from bankside.networks.wechat.listening import ARTICLES, CALLS_MAX, place_in
from bankside.networks.wechat.words import content
from tests.networks.pretended.wechat import OPENID, PNG, PretendedWeChat, wrong

COVER = Media(mime="image/png", alt="封面", data=PNG, name="cover.png")
NEWS = Post(title="第三季度报告", text="第一段。\n\n第二段 <b>& more</b>", media=(COVER,))
SUBMIT = "POST /cgi-bin/freepublish/submit"


@pytest.fixture
def fake() -> PretendedWeChat:
    return PretendedWeChat()


def published(fake: PretendedWeChat, post: Post = NEWS, key: str = "k") -> str:
    """The remote id of the post, brought out."""
    made = fake.connector()
    receipt = made.send(post, key)
    for _ in range(5):
        if not receipt.pending:
            return receipt.remote_id
        receipt = made.settle(receipt.handle)
    raise AssertionError("it is never out")


def asked(post: Post, **settings: str) -> tuple[str, ...]:
    grant = Grant(settings=PretendedWeChat.settings | settings)
    return network("wechat").connector(grant).preview(post).findings


# --- what an article needs -----------------------------------------------------------------------------
def test_a_title_has_32_characters_at_most_and_an_article_needs_one() -> None:
    assert asked(replace(NEWS, title="题" * 32)) == ()
    assert len(asked(replace(NEWS, title="题" * 33))) == 1
    assert asked(replace(NEWS, title=" ")) == ("An article needs a title.",)


def test_an_article_needs_a_cover_and_an_author_of_16_characters_at_most() -> None:
    assert asked(replace(NEWS, media=())) == ("An article needs a picture: the first one is its cover.",)
    assert asked(NEWS, author="作" * 16) == ()
    assert len(asked(NEWS, author="作" * 17)) == 1


def test_the_cover_may_have_ten_megabytes_and_the_others_less_than_one() -> None:
    def sized(cover: int, other: int) -> Post:
        return replace(NEWS, media=(replace(COVER, data=b"x" * cover), replace(COVER, data=b"x" * other)))

    assert asked(sized(10_000_000, 999_999)) == ()
    assert len(asked(sized(10_000_001, 999_999))) == 1
    assert len(asked(sized(10_000_000, 1_000_000))) == 1
    assert len(asked(replace(NEWS, media=(replace(COVER, mime="image/gif"),)))) == 1


def test_the_content_has_fewer_than_20000_characters_as_wechat_counts() -> None:
    around = len(content(replace(NEWS, text="x"), [])) - 1
    assert asked(replace(NEWS, text="字" * (19_999 - around))) == ()
    assert len(asked(replace(NEWS, text="字" * (20_000 - around)))) == 1
    assert len(asked(replace(NEWS, text="字" * 20_000))) == 1


def test_the_content_is_paragraphs_without_markup_of_ours() -> None:
    made = content(replace(NEWS, text="一\n二\n\n<script>&"), ["http://mmbiz.qpic.cn/a?b&c"])
    assert made == (
        '<p>一<br/>二</p><p>&lt;script&gt;&amp;</p><p><img src="http://mmbiz.qpic.cn/a?b&amp;c"/></p>'
    )


# --- draft, publication, doubt ---------------------------------------------------------------------------
def test_a_draft_has_its_cover_and_its_pictures_and_nothing_that_the_documents_do_not_name(
    fake: PretendedWeChat,
) -> None:
    chart = replace(COVER, name="chart.png", data=b"chart")
    pending = fake.connector().send(replace(NEWS, media=(COVER, chart)), "k")
    assert pending.pending and pending.handle in fake.tasks
    [article] = fake.drafts[0]["content"]["news_item"]
    assert article["thumb_media_id"] == fake.materials[0]["media_id"]
    assert article["author"] == "韩华银行" and article["need_open_comment"] == 1
    assert "mmbiz.qpic.cn" in article["content"] and article["title"] == NEWS.title


def test_where_the_account_has_no_comments_none_are_asked_for(fake: PretendedWeChat) -> None:
    made = network("wechat")
    settings = fake.settings | {"comments": "no"}
    wire = made.wire(settings, transport=fake)
    made.connector(Grant(settings=settings, secrets=fake.secrets), wire).send(NEWS, "k")
    assert fake.drafts[0]["content"]["news_item"][0]["need_open_comment"] == 0


def test_a_publication_is_settled_when_it_is_out(fake: PretendedWeChat) -> None:
    fake.slow = 2
    made = fake.connector()
    pending = made.send(NEWS, "k")
    assert made.settle(pending.handle) == pending and made.settle(pending.handle) == pending
    out = made.settle(pending.handle)
    assert out.remote_id == f"article:{fake.published[0]['article_id']}" and not out.pending
    assert out.url.startswith("https://mp.weixin.qq.com/s?") and out.published_ms


@pytest.mark.parametrize("status", [2, 3, 4, 5, 6, 99])
def test_a_publication_that_ended_otherwise_is_for_a_person(fake: PretendedWeChat, status: int) -> None:
    fake.slow, fake.fails_with = 0, status
    made = fake.connector()
    with pytest.raises(Refused) as caught:
        made.settle(made.send(NEWS, "k").handle)
    assert caught.value.fallback == "https://mp.weixin.qq.com/"


def test_a_second_try_uses_the_cover_and_the_draft_of_the_first(fake: PretendedWeChat) -> None:
    fake.slow, fake.failing[SUBMIT] = 99, [(200, wrong(-1, "system error"), {})]
    made = fake.connector()
    with pytest.raises(Later):
        made.send(NEWS, "k")
    made.send(NEWS, "k")
    assert len(fake.materials) == len(fake.drafts) == 1
    made.send(NEWS, "another")
    assert len(fake.materials) == len(fake.drafts) == 2


def test_a_draft_that_left_the_box_is_never_made_again(fake: PretendedWeChat) -> None:
    fake.hasty, fake.slow = True, 4
    made = fake.connector()
    made.send(NEWS, "k")
    with pytest.raises(Later, match="not in the box"):
        made.find("k", NEWS)
    found = made.find("k", NEWS)
    assert found and found.remote_id == f"article:{fake.published[0]['article_id']}"


def test_what_was_never_begun_is_not_there_and_a_draft_that_lies_there_is_not_out(
    fake: PretendedWeChat,
) -> None:
    made = fake.connector()
    assert made.find("k", NEWS) is None
    fake.failing[SUBMIT] = [(200, wrong(45011, "api minute-quota reach limit"), {})]
    with pytest.raises(Later):
        made.send(NEWS, "k")
    assert made.find("k", NEWS) is None


def test_where_wechat_changes_the_number_of_the_cover_title_and_words_tell(fake: PretendedWeChat) -> None:
    fake.keeps_covers = False
    published(fake)
    made = fake.connector()
    assert made.find("k", NEWS) is not None
    assert made.find("other", NEWS) is not None
    assert made.find("other", replace(NEWS, text="别的话")) is None
    assert made.find("other", replace(NEWS, title="别的题目")) is None
    fake.published[0]["update_time"] = int(time.time()) - 25 * 3600
    assert made.find("other", NEWS) is None


def test_where_wechat_keeps_no_names_a_cover_is_uploaded_again_and_nothing_is_out_twice(
    fake: PretendedWeChat,
) -> None:
    fake.keeps_names = False
    published(fake)
    assert fake.connector().find("k", NEWS) is not None and len(fake.published) == 1


@pytest.mark.parametrize(
    "path, error",
    [
        ("material/batchget_material", Later), ("material/add_material", Later), ("media/uploadimg", Later),
        ("draft/batchget", Later), ("draft/add", Later), ("freepublish/submit", Uncertain),
    ],
)  # fmt: skip
def test_only_a_lost_publication_is_in_doubt(
    fake: PretendedWeChat, path: str, error: type[Exception]
) -> None:
    fake.failing[f"POST /cgi-bin/{path}"] = [(500, "", {})]
    with pytest.raises(error):
        fake.connector().send(replace(NEWS, media=(COVER, COVER)), "k")


def test_the_mark_of_a_delivery_is_the_same_for_the_same_key() -> None:
    assert mark_of("v1:c1") == mark_of("v1:c1") != mark_of("v2:c1")


# --- comments --------------------------------------------------------------------------------------------
def test_a_comment_is_answered_once_and_the_same_answer_is_there_already(fake: PretendedWeChat) -> None:
    published(fake)
    number = fake.commented(0, "几点？")
    name = f"comment:{next(iter(fake.comments))}:0:{number}"
    made = fake.connector()
    answer = Post(text="十点。", in_reply_to=name, thread=name)
    assert made.find("a", answer) is None
    first = made.send(answer, "a")
    again = made.send(answer, "a")
    assert first.remote_id == again.remote_id == name.replace("comment", "reply")
    assert made.find("a", answer) is not None
    with pytest.raises(NotAllowed, match="one answer"):
        made.send(replace(answer, text="九点。"), "b")


def test_comments_come_in_with_our_answer_and_cannot_be_answered_again(fake: PretendedWeChat) -> None:
    article = published(fake)
    fake.commented(0, "几点？")
    made = fake.connector()
    page = made.poll("", 0)
    [item] = page.items
    [said] = made.read(item.raw)
    assert said.reply_allowed and said.in_reply_to == article and said.actor.remote_id == OPENID
    made.send(Post(text="十点。", in_reply_to=item.remote_id), "a")
    [later] = made.poll(page.cursor, 0).items
    comment, ours = made.read(later.raw)
    assert (later.remote_id, later.version) == (item.remote_id, "answered") and item.version == ""
    assert not comment.reply_allowed and ours.own and ours.text == "十点。" and ours.thread == item.remote_id


def test_an_article_with_many_comments_is_read_to_the_end(fake: PretendedWeChat) -> None:
    published(fake)
    published(fake, replace(NEWS, title="第二篇"), "k2")
    for place, number in ((0, 700), (1, 3)):
        for n in range(number):
            fake.commented(place, f"第{n}条")
    made = fake.connector()
    page, seen, rounds = made.poll("", 0), set(), 1
    seen |= {item.remote_id for item in page.items}
    while page.more and rounds < 10:
        page, rounds = made.poll(page.cursor, 0), rounds + 1
        seen |= {item.remote_id for item in page.items}
    assert len(seen) == 703 and not page.more
    assert rounds == 2  # 703 comments are 16 calls
    assert made.poll(page.cursor, 0).more  # the next round begins anew


def test_a_round_makes_no_more_calls_than_its_limit(fake: PretendedWeChat) -> None:
    for number in range(ARTICLES + 3):
        published(fake, replace(NEWS, title=f"第{number}篇"), f"k{number}")
    calls: list[str] = []
    answer = fake.answer

    def counting(request: httpx.Request) -> httpx.Response:
        calls.append(request.url.path)
        return answer(request)

    fake.answer = counting  # type: ignore[method-assign]
    assert not fake.connector().poll("", 0).more
    assert len(calls) == ARTICLES + 1 <= CALLS_MAX


def test_old_comments_are_left_alone_until_they_are_answered(fake: PretendedWeChat) -> None:
    published(fake)
    long_ago = int(time.time()) - 3 * 86_400
    fake.commented(0, "旧的", create_time=long_ago)
    made = fake.connector()
    page = made.poll("", 0)
    assert len(page.items) == 1
    assert made.poll(page.cursor, 0).items == ()
    fake.comments[next(iter(fake.comments))][0]["reply"] = {"content": "好", "create_time": int(time.time())}
    assert [item.version for item in made.poll(page.cursor, 0).items] == ["answered"]
    assert made.poll("", (long_ago + 60) * 1000).items[0].version == "answered"


@pytest.mark.parametrize("code", [88000, 48001, 88001])
def test_an_account_without_a_right_to_comments_has_none(fake: PretendedWeChat, code: int) -> None:
    published(fake)
    fake.failing["POST /cgi-bin/comment/list"] = [(200, wrong(code, "without comment privilege"), {})]
    page = fake.connector().poll("", 0)
    assert page.items == () and not page.more


def test_an_article_is_asked_for_its_comments_by_its_address() -> None:
    assert place_in("http://mp.weixin.qq.com/s?__biz=Mz&mid=2247483601&idx=2&sn=9#rd") == (2247483601, 1)
    for other in ("", "https://mp.weixin.qq.com/s/abc", "https://x.example/?mid=a&idx=1", "http://x/?mid=1"):
        assert place_in(other) is None


def test_somebody_without_an_openid_is_a_person_of_her_own(fake: PretendedWeChat) -> None:
    published(fake)
    for text in ("甲", "乙"):
        fake.commented(0, text, openid="")
    made = fake.connector()
    people = {made.read(item.raw)[0].actor.remote_id for item in made.poll("", 0).items}
    assert len(people) == 2 and "" not in people


# --- private messages --------------------------------------------------------------------------------------
def test_a_private_message_holds_words_or_one_picture(fake: PretendedWeChat) -> None:
    private = Post(text="您好", private=True, to=(OPENID,))
    picture = replace(private, text="", media=(COVER,))
    assert asked(private) == asked(picture) == ()
    assert len(asked(replace(private, media=(COVER,)))) == 1
    assert len(asked(replace(picture, media=(COVER, COVER)))) == 1
    assert asked(replace(private, title="题")) == ("An answer has no title.",)
    made = fake.connector()
    made.send(private, "a")
    made.send(picture, "b")
    assert [told["msgtype"] for told in fake.told] == ["text", "image"]
    assert fake.told[0]["text"] == {"content": "您好"} and fake.told[1]["image"]["media_id"].startswith("T")


def test_the_window_is_two_days_and_five_messages(fake: PretendedWeChat) -> None:
    made = fake.connector()
    with pytest.raises(NotAllowed, match="45015"):
        made.send(Post(text="您好", private=True, to=("long ago",)), "a")
    for number in range(5):
        made.send(
            Post(text=f"第{number}条", private=True, thread=f"direct:{OPENID}", to=(OPENID,)), f"k{number}"
        )
    with pytest.raises(NotAllowed, match="45047"):
        made.send(Post(text="第六条", private=True, to=(OPENID,)), "k6")
    [window] = [w for w in network("wechat").windows if w.of == "private"]
    assert (window.hours, window.messages) == (48, 5)


def test_a_lost_private_message_cannot_be_looked_up(fake: PretendedWeChat) -> None:
    fake.failing["POST /cgi-bin/message/custom/send"] = [(502, "", {})]
    private = Post(text="您好", private=True, to=(OPENID,))
    with pytest.raises(Uncertain):
        fake.connector().send(private, "a")
    with pytest.raises(Refused, match="no list"):
        fake.connector().find("a", private)


# --- removing, counting ------------------------------------------------------------------------------------
def test_what_is_gone_counts_as_removed_and_private_messages_stay(fake: PretendedWeChat) -> None:
    article = published(fake)
    number = fake.commented(0, "几点？")
    name = f"comment:{next(iter(fake.comments))}:0:{number}"
    made = fake.connector()
    answered = made.send(Post(text="十点。", in_reply_to=name), "a").remote_id
    assert made.measure((article, "article:gone", answered))[0].counts == {"comments": 1}
    for remote_id in (answered, answered, article, article):
        made.remove(remote_id)
    assert fake.published == [] and "reply" not in next(iter(fake.comments.values()))[0]
    for kept in (name, "sent:abc", "message:7"):
        with pytest.raises(NotAllowed):
            made.remove(kept)
    with pytest.raises(Gone):
        made.send(Post(text="x", in_reply_to="comment:'"), "b")
