"""Makes the recordings of YouTube, before the fake of tests/networks/pretended/youtube.py: each says so.

No server of Google stands behind them. Run: .venv/bin/python -m tests.networks.make_youtube_recordings
"""

from __future__ import annotations

from bankside.networks.contract import Post
from tests.networks.pretended.youtube import FILM, VIDEO, PretendedYouTube, trouble
from tests.networks.recorder import at_moment
from tests.networks.studio import MOMENT_MS, Studio

SERVER = (
    "none: made by us with our own fake, in the forms of Google's discovery file; not recorded from YouTube"
)
MINUTE_MS = 60_000
PLACE = "POST /youtube/v3/comments"


def main() -> None:
    """Everything anew."""
    fake = PretendedYouTube()
    studio = Studio(fake, SERVER)
    studio.begin()
    with at_moment(MOMENT_MS):
        studio.whoami()
        asked = fake.says("UCminji", "지점은 언제 열어요?", at_ms=MOMENT_MS - 3 * MINUTE_MS)
        comes_in(studio, fake, asked)
        sends(studio, fake, asked)
        refusals(studio, fake, asked)
        films(studio, fake)


def comes_in(studio: Studio, fake: PretendedYouTube, asked: str) -> None:
    """What people write, and how it is read."""
    other = fake.says("UCsanne", "Mooie video", at_ms=MOMENT_MS - 2 * MINUTE_MS)
    held = fake.says("UCwei", "请看这里", at_ms=MOMENT_MS - MINUTE_MS, status="heldForReview")
    fake.says("UCeve", "I wonder too", under=asked, at_ms=MOMENT_MS - MINUTE_MS)
    page = studio.poll("poll-first")
    for number, item in enumerate(page.items):
        studio.read(f"read-{number}", item.raw)
    fake.lets_through(held)
    fake.edits(asked, "지점은 몇 시에 열어요?")
    fake.deletes(other)
    changed = studio.poll("poll-changed", page.cursor)
    studio.read("read-gone", next(i.raw for i in changed.items if i.version == "gone"))
    studio.read("read-unknown", {"superChat": {"id": "x"}})


def sends(studio: Studio, fake: PretendedYouTube, asked: str) -> None:
    """Answers, and what is found of them."""
    answer: str = studio.send("send-answer", Post(text="열 시예요", in_reply_to=asked), "v1:c1").remote_id
    reply = fake._one(asked).replies[0].id
    studio.send("send-answer-to-answer", Post(text="So do we", in_reply_to=reply, thread=asked), "v2:c1")
    studio.send("send-edit", Post(text="열한 시예요", replaces=answer), "v3:c1")
    doubtful = Post(text="Om tien uur", in_reply_to=asked)
    studio.send("send-uncertain", doubtful, "v4:c1", cut="/comments")
    studio.find("find-there", doubtful, "v4:c1")
    studio.find("find-nothing", Post(text="Om elf uur", in_reply_to=asked), "v5:c1")
    studio.find("find-edit", Post(text="열한 시예요", replaces=answer), "v3:c1")
    studio.measure("measure", VIDEO, answer, "Ug99999999999999999999AaABAg")
    studio.measure("measure-account", studio.fake.account["remote_id"])
    studio.remove("remove-not-ours", asked)
    studio.remove("remove", answer)
    studio.remove("remove-again", answer)


def refusals(studio: Studio, fake: PretendedYouTube, asked: str) -> None:
    post = Post(text="열 시예요", in_reply_to=asked)
    spent = trouble(
        403, "quotaExceeded", "The request cannot be completed because you have exceeded your quota."
    )
    studio.fails("send-later-quota", PLACE, 403, spent, post)
    studio.fails("send-later", PLACE, 403, trouble(403, "rateLimitExceeded", "Too fast."), post)
    studio.fails("send-refused", PLACE, 400, trouble(400, "commentTextTooLong", "Too long."), post)
    studio.fails("send-not-allowed", PLACE, 403, trouble(403, "forbidden", "Comments are off."), post)
    studio.fails("send-uncertain-500", PLACE, 500, trouble(500, "backendError", "Backend Error"), post)
    closed = fake.says("UCnobody", "private?", at_ms=MOMENT_MS, answerable=False)
    studio.send("send-not-answerable", Post(text="Hallo", in_reply_to=closed), "f:c1")
    gone = Post(text="Hallo", in_reply_to="Ug99999999999999999999AaABAg")
    studio.send("send-gone", gone, "f:c1")
    studio.send("send-alone", Post(text="A post of its own"), "f:c1")
    studio.send("send-expired", post, "f:c1", access="ended")
    studio.send("send-reconnect", post, "f:c1", access="")


def films(studio: Studio, fake: PretendedYouTube) -> None:
    """A film goes up, is looked for, and is taken away."""
    post = Post(text="마포 지점이 열립니다.", title="새 지점", media=(FILM,), lang="ko")
    studio.find("find-film-nothing", post, "v6:c1")
    film: str = studio.send("send-film", post, "v6:c1").remote_id
    doubtful = Post(text="新网点开业了。", title="新网点", media=(FILM,), lang="zh")
    studio.send("send-film-place-lost", doubtful, "v7:c1", cut="/upload/")
    put, place = "PUT /upload/youtube/v3/videos", "POST /upload/youtube/v3/videos"
    studio.fails("send-film-uncertain", put, 500, trouble(500, "backendError", "Backend Error"), doubtful)
    studio.fails("send-film-not-whole", put, 308, "", doubtful)
    studio.fails("send-film-limit", place, 400, trouble(400, "uploadLimitExceeded", "Too many."), doubtful)
    studio.find("find-film", post, "v6:c1")
    studio.send("send-film-without-title", Post(text="Open", media=(FILM,)), "v8:c1")
    studio.remove("remove-film", film)


if __name__ == "__main__":
    main()
