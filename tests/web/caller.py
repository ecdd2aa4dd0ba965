"""A program that speaks to the API, for tests: a token, JSON both ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from django.test import Client

from bankside.people import tokens
from bankside.people.models import Staff


class Caller:
    """One member of staff's program. Every call gives status and decoded body; `last` is the whole answer."""

    def __init__(self, staff: Staff | None) -> None:
        self.client = Client()
        self.headers = {"Authorization": f"Bearer {tokens.make(staff, 'tests')}"} if staff else {}
        self.last: Any = None

    def ask(self, method: str, path: str, said: Any = None, **headers: str) -> tuple[int, Any]:
        """One request at /api/v1."""
        body = b"" if said is None else msgspec.json.encode(said)
        self.last = self.client.generic(
            method, f"/api/v1{path}", body, content_type="application/json",
            headers=self.headers | {name.replace("_", "-"): value for name, value in headers.items()},
        )  # fmt: skip
        content = self.last.getvalue()
        if not self.last.get("content-type", "json").partition(";")[0].endswith("json"):
            return self.last.status_code, content
        return self.last.status_code, msgspec.json.decode(content) if content else None

    def get(self, path: str) -> Any:
        """What is there; the answer must be 200."""
        status, said = self.ask("GET", path)
        assert status == 200, said
        return said

    def post(self, path: str, said: Any = None, **headers: str) -> Any:
        """Done as asked; the answer must be 200 or 201."""
        status, answer = self.ask("POST", path, {} if said is None else said, **headers)
        assert status in {200, 201}, answer
        return answer

    def upload(self, name: str, content: bytes, **headers: str) -> tuple[int, Any]:
        """A picture to /media."""
        from django.core.files.uploadedfile import SimpleUploadedFile

        self.last = self.client.post(
            "/api/v1/media", {"file": SimpleUploadedFile(name, content, "image/png")},
            headers=self.headers | {n.replace("_", "-"): v for n, v in headers.items()},
        )  # fmt: skip
        return self.last.status_code, msgspec.json.decode(self.last.content)


By = Callable[[str], Caller]


def png(size: tuple[int, int] = (4, 3)) -> bytes:
    """A small picture."""
    from io import BytesIO

    from PIL import Image

    file = BytesIO()
    Image.new("RGB", size, (200, 80, 60)).save(file, "PNG")
    return file.getvalue()
