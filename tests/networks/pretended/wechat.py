"""A FAKE of WeChat's interface for official accounts, from the documents: materials, drafts, publications,
comments and customer messages of one account in memory.

It answers HTTP 200 with an `errcode` as WeChat does, refuses fields that the documents do not name, publishes
a submitted draft some looks later (`slow`), and takes it out of the box then, or at once (`hasty`).
`fails_with`: what the next publication ends with instead. It signs and encrypts callbacks too (`hook`).
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from typing import Any

import httpx
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bankside.networks.contract import Media, Post, Request
from tests.networks.pretended import NOT_REAL, Pretended, said

ACCESS = "a token that this project made up"
APP = "wx49f0ab532d5d035a"
KEY = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
OPENID = "oLVPpjqs9BhvzwPj5A-vTYAX3GLc"
PNG = b"\x89PNG\r\n\x1a\n not a real picture"
ARTICLE = {
    "article_type", "title", "author", "digest", "content", "content_source_url", "thumb_media_id",
    "need_open_comment", "only_fans_can_comment",
}  # fmt: skip
FIELDS = {
    "draft/add": {"articles"},
    "draft/batchget": {"offset", "count", "no_content"},
    "freepublish/submit": {"media_id"},
    "freepublish/get": {"publish_id"},
    "freepublish/batchget": {"offset", "count", "no_content"},
    "freepublish/getarticle": {"article_id"},
    "freepublish/delete": {"article_id", "index"},
    "material/batchget_material": {"type", "offset", "count"},
    "comment/list": {"msg_data_id", "index", "begin", "count", "type"},
    "comment/reply/add": {"msg_data_id", "index", "user_comment_id", "content"},
    "comment/reply/delete": {"msg_data_id", "index", "user_comment_id"},
    "message/custom/send": {"touser", "msgtype", "text", "image"},
}
LOOKS = ("freepublish/get", "freepublish/batchget", "draft/batchget", "material/batchget_material")


class PretendedWeChat(Pretended):
    """One verified account."""

    name = "wechat"
    site = "https://api.weixin.qq.com"
    settings = {"app_id": APP, "name": "韩华银行", "author": "韩华银行"}
    secrets = {"app_secret": NOT_REAL, "token": NOT_REAL, "access": ACCESS, "message_key": ""}
    account = {"remote_id": APP}

    def __init__(self) -> None:
        super().__init__()
        self.materials: list[dict[str, Any]] = []
        self.drafts: list[dict[str, Any]] = []
        self.tasks: dict[str, dict[str, Any]] = {}
        self.published: list[dict[str, Any]] = []
        self.comments: dict[int, list[dict[str, Any]]] = {}
        self.told: list[dict[str, Any]] = []
        self.tokens: list[str] = []
        self.slow, self.fails_with, self.hasty = 1, 0, False
        self.keeps_names = self.keeps_covers = True
        self._next = 2247483600

    # --- what it answers -----------------------------------------------------------------------------------
    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/cgi-bin/")
        if path == "stable_token":
            return said(200, self._token(json.loads(request.read())))
        if request.url.params.get("access_token") not in {ACCESS, *self.tokens[-1:]}:
            return said(200, wrong(40001, "invalid credential, access_token is invalid or not latest"))
        if path in LOOKS:
            self._work()
        if path == "draft/count":
            return said(200, {"total_count": len(self.drafts)})
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            return said(200, self._upload(path, request))
        body = json.loads(request.read())
        if path not in FIELDS or set(body) - FIELDS[path]:
            return said(200, wrong(47001, "data format error"))
        act = getattr(self, "_" + path.replace("/", "_"))
        return said(200, act(**body))

    def _token(self, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("secret") != NOT_REAL:
            return wrong(40125, "invalid appsecret")
        if body["force_refresh"] or not self.tokens:
            self.tokens.append(f"a token of two hours {len(self.tokens)}")
        return {"access_token": self.tokens[-1], "expires_in": 7200}

    def _upload(self, path: str, request: httpx.Request) -> dict[str, Any]:
        body = request.read()
        name = body.partition(b'filename="')[2].partition(b'"')[0].decode()
        if path == "media/uploadimg":
            return {"url": f"http://mmbiz.qpic.cn/mmbiz_png/{self._number()}/0"}
        if path == "material/add_material" and self.keeps_names:
            self.materials.append({"media_id": f"M{self._number()}", "name": name, "update_time": 0})
            return {"media_id": self.materials[-1]["media_id"], "url": "http://mmbiz.qpic.cn/m/0"}
        return {"media_id": f"T{self._number()}", "type": "image", "created_at": int(time.time())}

    def _material_batchget_material(self, type: str, offset: int, count: int) -> dict[str, Any]:
        listed = self.materials[::-1][offset : offset + count]
        return {"total_count": len(self.materials), "item_count": len(listed), "item": listed}

    def _draft_add(self, articles: list[dict[str, Any]]) -> dict[str, Any]:
        article = articles[0]
        if set(article) - ARTICLE or not article.get("thumb_media_id") or not article.get("title"):
            return wrong(40007, "invalid media_id")
        self.drafts.append({"media_id": f"D{self._number()}", "content": {"news_item": [article]}})
        return {"media_id": self.drafts[-1]["media_id"]}

    def _draft_batchget(self, offset: int, count: int, no_content: int) -> dict[str, Any]:
        return self._page(self.drafts, offset, count, no_content)

    def _freepublish_submit(self, media_id: str) -> dict[str, Any]:
        draft = next((d for d in self.drafts if d["media_id"] == media_id), None)
        if draft is None:
            return wrong(40007, "invalid media_id")
        if self.hasty:
            self.drafts.remove(draft)
        number = str(self._number())
        self.tasks[number] = {"draft": draft, "looks": 0, "status": 1, "article": ""}
        return {"errcode": 0, "errmsg": "ok", "publish_id": number, "msg_data_id": str(self._number())}

    def _work(self) -> None:
        """Every look brings what is submitted one step further."""
        for task in (t for t in self.tasks.values() if t["status"] == 1):
            task["looks"] += 1
            if task["looks"] > self.slow:
                self._finish(task)

    def _finish(self, task: dict[str, Any]) -> None:
        task["status"], self.fails_with = self.fails_with, 0
        draft = task["draft"]
        if task["status"]:
            return
        self.drafts = [d for d in self.drafts if d is not draft]
        mid, task["article"] = self._number(), f"b5O2OUs25HBxRceL7hfReg-{self._number()}"
        url = f"http://mp.weixin.qq.com/s?__biz=MzI4&mid={mid}&idx=1&sn=91&chksm=eb#rd"
        news = dict(draft["content"]["news_item"][0]) | {"url": url, "is_deleted": False}
        news |= {} if self.keeps_covers else {"thumb_media_id": f"other{mid}"}
        task["url"], self.comments[mid] = url, []
        self.published.append(
            {"article_id": task["article"], "content": {"news_item": [news]}, "update_time": int(time.time())}
        )

    def _freepublish_get(self, publish_id: str) -> dict[str, Any]:
        task = self.tasks.get(publish_id)
        if task is None:
            return wrong(40007, "invalid publish_id")
        told = {"publish_id": publish_id, "publish_status": task["status"], "fail_idx": []}
        if task["status"]:
            return told
        detail = {"count": 1, "item": [{"idx": 1, "article_url": task["url"]}]}
        return told | {"article_id": task["article"], "article_detail": detail}

    def _freepublish_batchget(self, offset: int, count: int, no_content: int) -> dict[str, Any]:
        return self._page(self.published, offset, count, no_content)

    def _freepublish_getarticle(self, article_id: str) -> dict[str, Any]:
        there = [p for p in self.published if p["article_id"] == article_id]
        return there[0]["content"] if there else wrong(53600, "Article ID 无效")

    def _freepublish_delete(self, article_id: str, index: int) -> dict[str, Any]:
        there = [p for p in self.published if p["article_id"] == article_id]
        self.published = [p for p in self.published if p not in there]
        return wrong(0, "ok") if there else wrong(53600, "Article ID 无效")

    def _comment_list(
        self, msg_data_id: int, index: int, begin: int, count: int, type: int
    ) -> dict[str, Any]:
        if count >= 50:
            return wrong(88010, "count range error. cout <= 0 or count > 50")
        if msg_data_id not in self.comments:
            return wrong(88001, "msg_data is not exists") | {"total": 0, "comment": []}
        there = self.comments[msg_data_id]
        return wrong(0, "ok") | {"total": len(there), "comment": there[begin : begin + count]}

    def _comment_reply_add(
        self, msg_data_id: int, index: int, user_comment_id: int, content: str
    ) -> dict[str, Any]:
        comment = self._comment(msg_data_id, user_comment_id)
        if comment is None:
            return wrong(88008, "comment is not exists")
        if "reply" in comment:
            return wrong(88005, "already reply")
        comment["reply"] = {"content": content, "create_time": int(time.time())}
        return wrong(0, "ok")

    def _comment_reply_delete(self, msg_data_id: int, index: int, user_comment_id: int) -> dict[str, Any]:
        comment = self._comment(msg_data_id, user_comment_id)
        if comment is None or "reply" not in comment:
            return wrong(88009, "reply is not exists")
        del comment["reply"]
        return wrong(0, "ok")

    def _message_custom_send(self, touser: str, msgtype: str, **what: Any) -> dict[str, Any]:
        if touser != OPENID:
            return wrong(45015, "response out of time limit or subscription is canceled")
        if len(self.told) >= 5:
            return wrong(45047, "out of response count limit")
        self.told.append({"msgtype": msgtype, **what})
        return wrong(0, "ok")

    def _page(self, kept: list[dict[str, Any]], offset: int, count: int, no_content: int) -> dict[str, Any]:
        listed = [dict(one) for one in kept[::-1][offset : offset + count]]
        for one in listed if no_content else []:
            one["content"] = {"news_item": [{**n, "content": ""} for n in one["content"]["news_item"]]}
        return {"total_count": len(kept), "item_count": len(listed), "item": listed}

    def _comment(self, mid: int, number: int) -> dict[str, Any] | None:
        return next((c for c in self.comments.get(mid, []) if c["user_comment_id"] == number), None)

    def _number(self) -> int:
        self._next += 1
        return self._next

    # --- for the tests -------------------------------------------------------------------------------------
    def visible(self) -> list[str]:
        return [p["content"]["news_item"][0]["content"] for p in self.published]

    def post(self, number: int) -> Post:
        cover = Media(mime="image/png", alt="封面", data=PNG, name="cover.png")
        return Post(
            title=f"公告 {number}", text=f"第{number}号公告。\n\n支行十点开门。", media=(cover,), lang="zh"
        )

    def commented(self, place: int, text: str, **more: Any) -> int:
        """Somebody comments on the article of that place; the comment's number."""
        number, mid = self._number(), list(self.comments)[place]
        made = {"user_comment_id": number, "create_time": int(time.time()), "content": text}
        self.comments[mid].append({**made, "comment_type": 0, "openid": OPENID, **more})
        return number


def wrong(code: int, words: str) -> dict[str, Any]:
    return {"errcode": code, "errmsg": words}


# --- callbacks -------------------------------------------------------------------------------------------
def xml(**fields: str) -> str:
    inner = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items())
    return f"<xml>{inner}</xml>"


def message(text: str, moment: int, **more: str) -> str:
    """A text that somebody writes to the account."""
    fields = {
        "ToUserName": "gh_7f083739789a", "FromUserName": OPENID, "CreateTime": str(moment), "MsgType": "text",
        "Content": text, "MsgId": "23239170484543291",
    }  # fmt: skip
    return xml(**{name: value for name, value in {**fields, **more}.items() if value})


def hook(document: str, moment: int, *, secret: str = NOT_REAL, key: str = "", app: str = APP) -> Request:
    """A callback in the plain form, or with a `key` in the encrypted one."""
    query = {"timestamp": str(moment), "nonce": "437374425"}
    parts = [secret, *query.values()]
    query["signature"] = signed(*parts)
    if key:
        sealed = encrypted(document.encode(), key, app)
        query |= {"encrypt_type": "aes", "msg_signature": signed(*parts, sealed)}
        document = xml(ToUserName="gh_7f083739789a", Encrypt=sealed)
    return Request(
        method="POST", path="/hooks/x", query=query, headers={"content-type": "text/xml"},
        body=document.encode(),
    )  # fmt: skip


def signed(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def encrypted(message: bytes, key: str, app: str) -> str:
    secret = base64.b64decode(key + "=")
    plain = b"0123456789abcdef" + len(message).to_bytes(4, "big") + message + app.encode()
    padding = 32 - len(plain) % 32
    made = Cipher(algorithms.AES256(secret), modes.CBC(secret[:16])).encryptor()
    return base64.b64encode(made.update(plain + bytes([padding]) * padding) + made.finalize()).decode()


SERVER = PretendedWeChat
