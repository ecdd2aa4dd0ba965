"""Makes the recordings of Telegram before our own fake: nothing here was recorded from Telegram.

Run: .venv/bin/python -m tests.networks.make_telegram_recordings
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bankside.networks.contract import Media, Post
from tests.networks.pretended import NOT_REAL
from tests.networks.pretended.telegram import CHANNEL, GROUP, MINJI, SANNE, PretendedTelegram
from tests.networks.studio import Studio

SERVER = "none: made by us with our own fake, in the forms of the Bot API 10.1; not recorded from Telegram"
SEND = f"POST /bot{NOT_REAL}/sendMessage"
PICTURE = Media(mime="image/png", alt="새 지점", data=b"\x89PNG not really a picture", name="branch.png")


def main() -> None:
    """Records every case; the folder holds nothing else afterwards."""
    fake = PretendedTelegram()
    studio = Studio(fake, SERVER)
    studio.begin()
    _connecting(studio, fake)
    _posts(studio)
    _people(studio, fake)
    _failures(studio)
    _removals(studio, fake)
    _hooks(studio)


def _connecting(studio: Studio, fake: PretendedTelegram) -> None:
    studio.whoami()
    studio.whoami("whoami-wrong-token", token="123:not-the-token")
    fake.may_post = False
    studio.whoami("whoami-may-not-post")
    fake.may_post = True


def _posts(studio: Studio) -> None:
    words = "The branch opens at ten. 지점은 10시에 엽니다. 分行十点开门。Het kantoor opent om tien uur."
    first = studio.send("send-words", Post(text=words, lang="ko"), "v1:c1")
    photo = studio.send("send-picture", Post(text="새 지점", media=(PICTURE,)), "v2:c1")
    album = (PICTURE, replace(PICTURE, data=PICTURE.data + b" ", mime="image/jpeg"))
    studio.send("send-album", Post(text="새 지점 둘", media=album), "v3:c1")
    edit = Post(text="지점은 11시에 엽니다.", replaces=first.remote_id)
    studio.send("send-edit", edit, "v4:c1")
    studio.send(
        "send-edit-again", edit, "v4:c1", note="It stands there already: Telegram says 'not modified'."
    )
    studio.send("send-edit-caption", Post(text="새 지점!", replaces=photo.remote_id), "v5:c1")
    studio.send("send-edit-picture", Post(text="새", media=(PICTURE,), replaces=photo.remote_id), "v6:c1")


def _people(studio: Studio, fake: PretendedTelegram) -> None:
    fake.copies(15)
    root = fake.updates[-1]["message"]["message_id"]
    fake.says(MINJI, "왜 10시예요?", GROUP, under=root, above=root)
    asked = fake.updates[-1]["message"]["message_id"]
    fake.says(SANNE, "Goede vraag", GROUP, under=root, above=asked)
    fake.says(MINJI, "/start")
    fake.says(MINJI, "제 계좌가 잠겼어요.")
    private = fake.updates[-1]["message"]["message_id"]
    fake.edits(GROUP, asked, "왜 10시예요? 9시가 좋은데")
    fake.says(
        MINJI, "", photo=[{"file_id": "A", "file_unique_id": "B", "width": 1, "height": 1}], caption="영수증"
    )
    fake.edits(CHANNEL, 15, "지점은 12시에 엽니다.")
    answer = Post(text="직원 교대 때문입니다.", in_reply_to=f"{GROUP}:{asked}", thread=f"{GROUP}:{root}")
    studio.send("send-answer", answer, "r1:c1")
    secret = Post(text="확인하겠습니다.", private=True, to=(str(MINJI),), in_reply_to=f"{MINJI}:{private}")
    studio.send("send-private", replace(secret, thread=str(MINJI)), "r2:c1")
    page = studio.poll("poll-everything")
    studio.poll("poll-nothing-new", page.cursor)
    studio.poll("poll-after-a-quiet-week", page.cursor.rpartition(".")[0] + ".1")
    fake.webhook = "https://desk.hanulbank.example/hooks/h"
    studio.poll("poll-with-a-webhook", page.cursor)
    fake.webhook = ""
    for number, item in enumerate(page.items):
        studio.read(f"read-{number}", item.raw)
    studio.read(
        "read-another-group", {"message": {**fake.updates[1]["message"], "chat": {"id": -5, "type": "group"}}}
    )
    studio.read("read-broken", {"message": {"message_id": "x"}})


def _failures(studio: Studio) -> None:
    post = Post(text="Something")
    later: Any = {"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 17"}
    studio.fails("send-too-fast", SEND, 429, later | {"parameters": {"retry_after": 17}}, post)
    studio.fails("send-server-broken", SEND, 502, "<html>", post)
    studio.fails("send-nonsense", SEND, 200, "<html>", post)
    studio.send("send-lost-answer", Post(text="답이 사라진 글"), "v7:c1", cut="/")
    studio.send("send-wrong-token", post, "f:c1", token="123:not-the-token")
    studio.send("send-blocked", Post(text="x", private=True, to=(str(SANNE),)), "f:c1")
    studio.send("send-answer-to-nothing", Post(text="x", in_reply_to=f"{GROUP}:9999"), "f:c1")
    studio.send("send-too-long", Post(text="가" * 4097), "f:c1")
    studio.send("send-caption-too-long", Post(text="가" * 1025, media=(PICTURE,)), "f:c1")
    rights = {"ok": False, "error_code": 400, "description": "Bad Request: not enough rights to send"}
    studio.fails("send-without-rights", SEND, 400, rights, post)


def _removals(studio: Studio, fake: PretendedTelegram) -> None:
    one, album = f"{CHANNEL}:15", f"{CHANNEL}:17+18"
    studio.remove("remove", one)
    studio.remove("remove-again", one)
    studio.remove("remove-album", album)
    fake.now += 49 * 3600
    studio.remove("remove-too-late", f"{CHANNEL}:16")
    studio.remove("remove-nothing-of-telegrams", "15")


def _hooks(studio: Studio) -> None:
    fake = PretendedTelegram()
    update = fake.says(MINJI, "지점이 몇 시에 여나요?")
    good = fake.hook(update)
    studio.verify("hook", good, hook_secret=NOT_REAL)
    studio.verify("hook-forged", fake.hook(update, "another secret"), hook_secret=NOT_REAL)
    studio.verify("hook-unsigned", replace(good, headers={}), hook_secret=NOT_REAL)
    studio.verify("hook-broken", replace(good, body=b"[]"), hook_secret=NOT_REAL)
    other = {"update_id": 1, "poll": {"id": "1"}}
    studio.verify("hook-of-another-kind", fake.hook(other), hook_secret=NOT_REAL)


if __name__ == "__main__":
    main()
