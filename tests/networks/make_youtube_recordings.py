"""Makes the recordings of YouTube, before the fake of tests/networks/pretended/youtube.py: each says so.

No server of Google stands behind them. Run: .venv/bin/python -m tests.networks.make_youtube_recordings
"""

from __future__ import annotations

from bankside.networks.contract import Post
from tests.networks.pretended.youtube import VIDEO, PretendedYouTube, trouble
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


if __name__ == "__main__":
    main()
