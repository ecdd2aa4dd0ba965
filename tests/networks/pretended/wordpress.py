"""A FAKE of a blog with what sending needs: a slug that is taken is quietly changed, as the real one does.

The real blog runs in the tests too (tests/servers/wordpress.py); this one is for a thousand lost answers.
"""

from __future__ import annotations

import itertools
from typing import Any

import httpx

from bankside.networks.contract import Post
from tests.networks.pretended import NOT_REAL, Pretended, asked, said


class PretendedWordPress(Pretended):
    """One blog. Even posts are articles; odd ones answer a comment that stands there from the beginning."""

    name = "wordpress"
    site = "https://blog.hanulbank.example"
    settings = {"site": site, "user": "hanulbank"}
    secrets = {"app_password": NOT_REAL}
    account = {"remote_id": "user:1"}

    def __init__(self) -> None:
        super().__init__()
        self._numbers = itertools.count(10)
        self._things: dict[int, dict[str, Any]] = {}
        self._comments: dict[int, dict[str, Any]] = {
            5: {"id": 5, "post": 3, "author": 0, "status": "approved"}
        }

    def post(self, number: int) -> Post:
        words = f"Notice {number}: 지점 안내, the branch in Mapo opens at ten."
        if number % 2:
            return Post(text=words, in_reply_to="comment:5", thread="comment:5")
        return Post(text=words, title=f"Notice {number}", kind="article")

    def visible(self) -> list[str]:
        there = [*self._things.values(), *self._comments.values()]
        return [one["content"]["raw"] for one in there if "content" in one]

    def answer(self, request: httpx.Request) -> httpx.Response:
        if not request.headers.get("authorization", "").startswith("Basic "):
            return said(401, {"code": "rest_not_logged_in", "message": "You are not currently logged in."})
        path, params = request.url.path.removeprefix("/wp-json/wp/v2/"), request.url.params
        match request.method, path.split("/"):
            case "POST", ["posts" | "pages"]:
                return self._publish(asked(request))
            case "GET", ["posts" | "pages"]:
                return said(200, [one for one in self._things.values() if one["slug"] == params["slug"]])
            case "POST", ["comments"]:
                return self._comment(asked(request))
            case "GET", ["comments"]:
                under = int(params["parent"])
                return said(200, [c for c in self._comments.values() if c.get("parent") == under][::-1])
            case "GET", ["comments", number] if int(number) in self._comments:
                return said(200, self._comments[int(number)])
            case "DELETE", ["posts" | "pages", number] if int(number) in self._things:
                return said(200, {"deleted": True, "previous": self._things.pop(int(number))})
            case _:
                return said(404, {"code": "rest_no_route", "message": "No route was found."})

    def _publish(self, wanted: dict[str, Any]) -> httpx.Response:
        number, slug = next(self._numbers), wanted["slug"]
        taken = {one["slug"] for one in self._things.values()}
        tries = itertools.chain([slug], (f"{slug}-{n}" for n in itertools.count(2)))
        made = {
            "id": number, "slug": next(one for one in tries if one not in taken), "status": "publish",
            "link": f"{self.site}/{slug}/", "date_gmt": "2026-11-28T00:00:00", "author": 1,
            "title": {"raw": wanted["title"]}, "content": {"raw": wanted["content"]},
        }  # fmt: skip
        self._things[number] = made
        return said(201, made)

    def _comment(self, wanted: dict[str, Any]) -> httpx.Response:
        same = [c for c in self._comments.values() if c.get("content", {}).get("raw") == wanted["content"]]
        if same:
            return said(409, {"code": "comment_duplicate", "message": "Duplicate comment detected."})
        number = next(self._numbers)
        self._comments[number] = {
            "id": number, "post": wanted["post"], "parent": wanted["parent"], "author": 1,
            "status": "approved", "link": f"{self.site}/#comment-{number}", "date_gmt": "2026-11-28T00:00:00",
            "author_user_agent": wanted["author_user_agent"], "content": {"raw": wanted["content"]},
        }  # fmt: skip
        return said(201, self._comments[number])


SERVER = PretendedWordPress
