"""A FAKE of Telegram's Bot API 10.1, in memory, after core.telegram.org/bots/api: Telegram is not here."""

from __future__ import annotations

import json
from email import message_from_bytes
from typing import Any
from urllib.parse import unquote

import httpx

from bankside.networks.contract import Request
from tests.networks.pretended import NOT_REAL, Pretended, asked, said

CHANNEL, GROUP, BOT = -1001111111111, -1002222222222, 7012345678
MINJI, SANNE = 5001, 5002
NOW = 1_795_860_000
HOURS_48 = 48 * 3600
CHATS: dict[int, dict[str, Any]] = {
    CHANNEL: {"id": CHANNEL, "type": "channel", "title": "Hanul Bank 하늘은행", "username": "hanulbank"},
    GROUP: {"id": GROUP, "type": "supergroup", "title": "Hanul talk"},
    MINJI: {"id": MINJI, "type": "private", "first_name": "민지", "username": "minji_k"},
    SANNE: {"id": SANNE, "type": "private", "first_name": "Sanne", "last_name": "de Vries"},
}
BOT_USER = {"id": BOT, "is_bot": True, "first_name": "Hanul Bank", "username": "hanulbank_bot"}
TAKES = {
    "getMe": set(), "getChat": {"chat_id"}, "getChatMember": {"chat_id", "user_id"},
    "getUpdates": {"offset", "limit", "allowed_updates"}, "deleteMessage": {"chat_id", "message_id"},
    "sendMessage": {"chat_id", "text", "reply_parameters"}, "deleteMessages": {"chat_id", "message_ids"},
    "sendPhoto": {"chat_id", "photo", "caption", "reply_parameters"},
    "sendMediaGroup": {"chat_id", "media", "reply_parameters"},
    "editMessageText": {"chat_id", "message_id", "text"},
    "editMessageCaption": {"chat_id", "message_id", "caption"},
    "editMessageMedia": {"chat_id", "message_id", "media"},
}  # fmt: skip


GIFTS = (
    "unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels",
)  # fmt: skip
RIGHTS = (
    "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
    "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories",
    "can_edit_stories", "can_delete_stories",
)  # fmt: skip


class Wrong(Exception):
    """What the API refuses: a status, what it says about it, and parameters."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


class PretendedTelegram(Pretended):
    """One bot, administrator of a channel and in its discussion group."""

    name = "telegram"
    site = "https://api.telegram.org"
    settings = {"channel": "@hanulbank", "discussion": str(GROUP)}
    secrets = {"token": NOT_REAL, "hook_secret": ""}
    account = {"remote_id": str(CHANNEL)}

    def __init__(self) -> None:
        super().__init__()
        self.messages: dict[tuple[int, int], dict[str, Any]] = {}
        self.updates: list[dict[str, Any]] = []
        self.webhook, self.may_post, self.now = "", True, NOW
        self.next_update = 700

    # --- what the bank said, and what people say -----------------------------------------------------------
    def visible(self) -> list[str]:
        return [m.get("text", m.get("caption", "")) for m in self.messages.values() if _is_ours(m)]

    def says(
        self, who: int, words: str, chat: int = 0, *, under: int = 0, above: int = 0, **more: Any
    ) -> dict[str, Any]:
        """Somebody writes, in the group or to the bot, and the bot has news of it."""
        message = self._message(
            CHATS[chat or who], **_person(who), **({"text": words} if words else {}), **more
        )
        if under:
            message["message_thread_id"] = under
        if above:
            message["reply_to_message"] = self.messages[chat or who, above]
        return self.news("message", message)

    def copies(self, post: int) -> dict[str, Any]:
        """Telegram puts a copy of a post of the channel into the discussion group."""
        origin = {"type": "channel", "date": self.now, "chat": CHATS[CHANNEL], "message_id": post}
        told = {k: v for k, v in self.messages[CHANNEL, post].items() if k in {"text", "caption", "photo"}}
        sender = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
        message = self._message(
            CHATS[GROUP], **told, sender_chat=CHATS[CHANNEL], forward_origin=origin,
            is_automatic_forward=True, **{"from": sender},
        )  # fmt: skip
        return self.news("message", message)

    def edits(self, chat: int, number: int, words: str) -> dict[str, Any]:
        """Somebody changes what she wrote."""
        message = self.messages[chat, number] | {"text": words, "edit_date": self.now + 60}
        self.messages[chat, number] = message
        return self.news("edited_channel_post" if chat == CHANNEL else "edited_message", message)

    def news(self, kind: str, message: dict[str, Any]) -> dict[str, Any]:
        update = {"update_id": self.next_update, kind: json.loads(json.dumps(message))}
        self.next_update += 1
        self.updates.append(update)
        return update

    def hook(self, update: dict[str, Any], secret: str = NOT_REAL) -> Request:
        """What Telegram delivers to the hook address."""
        headers = {"x-telegram-bot-api-secret-token": secret, "content-type": "application/json"}
        body = json.dumps(update, ensure_ascii=False).encode()
        return Request(method="POST", path="/hooks/h", query={}, headers=headers, body=body)

    def _message(self, chat: dict[str, Any], **told: Any) -> dict[str, Any]:
        number = sum(1 for place, _ in self.messages if place == chat["id"]) + 15
        made = {"message_id": number, "date": self.now, "chat": chat, **told}
        self.messages[chat["id"], number] = made
        return made

    # --- answering -----------------------------------------------------------------------------------------
    def answer(self, request: httpx.Request) -> httpx.Response:
        _, token, method = request.url.path.split("/")
        if unquote(token) != f"bot{NOT_REAL}":
            return _refusal(Wrong(401, "Unauthorized"))
        try:
            return said(200, {"ok": True, "result": self._done(method, parameters_of(request))})
        except Wrong as wrong:
            return _refusal(wrong)

    def _done(self, method: str, given: dict[str, Any]) -> Any:
        if method not in TAKES:
            raise Wrong(404, "Not Found")
        if unknown := {name for name in given if not name.startswith("picture-")} - TAKES[method]:
            raise Wrong(400, f"Bad Request: unknown parameter {unknown}")
        work = getattr(self, f"_{method}")
        return work(**{k: v for k, v in given.items() if not k.startswith("picture-")}, files=_files(given))

    def _getMe(self, files: int) -> Any:
        return BOT_USER

    def _getChat(self, chat_id: Any, files: int) -> Any:
        chat = self._chat(chat_id)
        linked = {"linked_chat_id": GROUP} if chat["id"] == CHANNEL else {}
        gifts = dict.fromkeys(GIFTS, False)
        return {
            **chat,
            "accent_color_id": 1,
            "max_reaction_count": 11,
            "accepted_gift_types": gifts,
            **linked,
        }

    def _getChatMember(self, chat_id: Any, user_id: Any, files: int) -> Any:
        mine = {"status": "administrator", "user": BOT_USER, "can_post_messages": self.may_post}
        return mine | dict.fromkeys(RIGHTS, False)

    def _getUpdates(self, files: int, offset: Any = 0, limit: Any = 100, allowed_updates: Any = "") -> Any:
        if self.webhook:
            raise Wrong(
                409, "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )  # fmt: skip
        self.updates = [update for update in self.updates if update["update_id"] >= int(offset)]
        return self.updates[: int(limit)]

    def _sendMessage(self, chat_id: Any, text: str, files: int, reply_parameters: Any = None) -> Any:
        if not 1 <= _units(text) <= 4096:
            raise Wrong(400, "Bad Request: message is too long")
        return self._sent(chat_id, reply_parameters, text=text)

    def _sendPhoto(
        self, chat_id: Any, photo: str, files: int, caption: str = "", reply_parameters: Any = None
    ) -> Any:
        _refuse_bad_caption(caption, files, 1)
        return self._sent(
            chat_id, reply_parameters, photo=_PHOTO, **({"caption": caption} if caption else {})
        )

    def _sendMediaGroup(self, chat_id: Any, media: Any, files: int, reply_parameters: Any = None) -> Any:
        if not 2 <= len(media) <= 10:
            raise Wrong(400, "Bad Request: wrong number of messages in an album")
        _refuse_bad_caption(media[0].get("caption", ""), files, len(media))
        told = [{"caption": one["caption"]} if "caption" in one else {} for one in media]
        return [
            self._sent(chat_id, reply_parameters, photo=_PHOTO, media_group_id="9", **one) for one in told
        ]

    def _sent(self, chat_id: Any, reply_parameters: Any, **told: Any) -> Any:
        chat = self._chat(chat_id)
        if chat["id"] == CHANNEL and not self.may_post:
            raise Wrong(400, "Bad Request: not enough rights to send text messages to the chat")
        if reply_parameters:
            above = self.messages.get((chat["id"], reply_parameters["message_id"]))
            if above is None:
                raise Wrong(400, "Bad Request: message to be replied not found")
            told["reply_to_message"] = {k: v for k, v in above.items() if k != "reply_to_message"}
        sender = {"sender_chat": chat} if chat["id"] == CHANNEL else {"from": BOT_USER}
        return self._message(chat, **sender, **told)

    def _editMessageText(self, chat_id: Any, message_id: Any, text: str, files: int) -> Any:
        there = self._ours(chat_id, message_id)
        if "text" not in there:
            raise Wrong(400, "Bad Request: there is no text in the message to edit")
        return self._changed(there, text=text)

    def _editMessageCaption(self, chat_id: Any, message_id: Any, caption: str, files: int) -> Any:
        _refuse_bad_caption(caption, 0, 0)
        return self._changed(self._ours(chat_id, message_id), caption=caption)

    def _editMessageMedia(self, chat_id: Any, message_id: Any, media: Any, files: int) -> Any:
        there = self._ours(chat_id, message_id)
        there.pop("text", None)
        return self._changed(
            there, photo=_PHOTO, **({"caption": media["caption"]} if "caption" in media else {})
        )

    def _changed(self, there: dict[str, Any], **told: Any) -> Any:
        if all(there.get(name) == value for name, value in told.items()):
            words = "specified new message content and reply markup are exactly the same"
            raise Wrong(400, f"Bad Request: message is not modified: {words}")
        there.update(told, edit_date=self.now + 60)
        return there

    def _ours(self, chat_id: Any, number: Any) -> dict[str, Any]:
        there = self.messages.get((self._chat(chat_id)["id"], number))
        if there is None:
            raise Wrong(400, "Bad Request: message to edit not found")
        if not _is_ours(there):
            raise Wrong(400, "Bad Request: message can't be edited")
        return there

    def _deleteMessage(self, chat_id: Any, message_id: Any, files: int) -> Any:
        there = self.messages.get((self._chat(chat_id)["id"], message_id))
        if there is None:
            raise Wrong(400, "Bad Request: message to delete not found")
        if self.now - there["date"] > HOURS_48:
            raise Wrong(400, "Bad Request: message can't be deleted for everyone")
        del self.messages[there["chat"]["id"], message_id]
        return True

    def _deleteMessages(self, chat_id: Any, message_ids: Any, files: int) -> Any:
        for number in message_ids:
            self.messages.pop((self._chat(chat_id)["id"], number), None)
        return True

    def _chat(self, chat_id: Any) -> dict[str, Any]:
        for chat in CHATS.values():
            if str(chat_id) in {str(chat["id"]), f"@{chat.get('username')}"}:
                if chat["id"] == SANNE:
                    raise Wrong(403, "Forbidden: bot was blocked by the user")
                return chat
        raise Wrong(400, "Bad Request: chat not found")


_PHOTO = [
    {"file_id": "AgAC", "file_unique_id": "AQ", "width": 90, "height": 67},
    {"file_id": "AgAD", "file_unique_id": "AR", "width": 800, "height": 600},
]


def parameters_of(request: httpx.Request) -> dict[str, Any]:
    """What a call carries, whichever way: query, JSON, or a form with files (as bytes)."""
    if request.method == "GET":
        return dict(request.url.params)
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        return asked(request)
    whole = message_from_bytes(b"content-type: " + kind.encode() + b"\r\n\r\n" + request.read())
    found: dict[str, Any] = {}
    for part in whole.get_payload():
        name = part.get_param("name", header="content-disposition")  # type: ignore[union-attr]
        content: bytes = part.get_payload(decode=True)  # type: ignore[union-attr, assignment]
        is_file = part.get_filename()  # type: ignore[union-attr]
        found[str(name)] = content if is_file else _value(str(name), content.decode())
    return found


def _value(name: str, text: str) -> Any:
    """A field of a form: what is no text there is JSON."""
    return json.loads(text) if name in {"media", "reply_parameters", "chat_id", "message_id"} else text


def _files(given: dict[str, Any]) -> int:
    return sum(isinstance(value, bytes) for value in given.values())


def _refusal(wrong: Wrong) -> httpx.Response:
    return said(wrong.status, {"ok": False, "error_code": wrong.status, "description": wrong.words})


def _refuse_bad_caption(caption: str, files: int, wanted: int) -> None:
    if _units(caption) > 1024:
        raise Wrong(400, "Bad Request: message caption is too long")
    if files != wanted:
        raise Wrong(400, "Bad Request: wrong file identifier/HTTP URL specified")


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _is_ours(message: dict[str, Any]) -> bool:
    ours = message.get("sender_chat", {}).get("id") == CHANNEL and not message.get("is_automatic_forward")
    return ours or message.get("from") == BOT_USER


def _person(who: int) -> dict[str, Any]:
    """A person's own names, as in `from`."""
    if who not in CHATS or who < 0:
        return {"sender_chat": CHATS[who]}
    names = {k: v for k, v in CHATS[who].items() if k != "type"}
    return {"from": {**names, "is_bot": False}}


SERVER = PretendedTelegram
