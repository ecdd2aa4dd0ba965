"""The fake of tests/servers/mastodon_fake.py, as a server that ignores `Idempotency-Key`: some do."""

from __future__ import annotations

import httpx

from tests.networks.pretended import Pretended
from tests.servers.mastodon_fake import BANK, HOME, TOKEN, FakeMastodon


class PretendedMastodon(Pretended):
    """One account on one server."""

    name = "mastodon"
    site = f"https://{HOME}"
    settings = {"server": site}
    secrets = {"access_token": TOKEN}
    account = {"remote_id": f"{BANK}@{HOME}"}

    def __init__(self) -> None:
        super().__init__()
        self._fake = FakeMastodon(honours_keys=False)

    def answer(self, request: httpx.Request) -> httpx.Response:
        return self._fake(request)

    def visible(self) -> list[str]:
        return self._fake.words()


SERVER = PretendedMastodon
