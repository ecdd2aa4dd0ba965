"""Somebody signs in at her own server and agrees, as her browser would do it, without a browser."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx

from tests.servers.bluesky import Person

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
NAVIGATES = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "sec-fetch-site": "cross-site"}
ASKS = {"sec-fetch-mode": "same-origin", "sec-fetch-site": "same-origin", "sec-fetch-dest": "empty"}
API = "/@atproto/oauth-provider/~api"


def agrees(person: Person, address: str, *, refuses: bool = False) -> dict[str, str]:
    """What her browser brings back to us: `code`, `state`, `iss`; or `error` when she refuses."""
    with httpx.Client(headers={"user-agent": BROWSER}, timeout=30) as browser:
        shown = browser.get(address, headers=NAVIGATES)
        assert shown.status_code == 200, f"the page to sign in is not shown: {shown.text[:500]}"
        page = _Page(browser, address)
        login = {"username": person.handle, "password": person.password, "locale": "en", "remember": True}
        page.sends("sign-in", login)
        answer = page.sends("reject", {}) if refuses else page.sends("consent", {"did": person.did})
    back = urlsplit(str(answer["url"]))
    return {name: values[0] for name, values in parse_qs(back.query or back.fragment).items()}


class _Page:
    """The page in the browser. Browsers take a machine's own address for safe, and so send its cookies."""

    def __init__(self, browser: httpx.Client, address: str) -> None:
        parts = urlsplit(address)
        self._browser, self._address = browser, address
        self._origin = f"{parts.scheme}://{parts.netloc}"

    def sends(self, what: str, body: dict[str, object]) -> dict[str, object]:
        cookies = {cookie.name: cookie.value or "" for cookie in self._browser.cookies.jar}
        token = next((value for name, value in cookies.items() if "csrf" in name), "")
        carried = "; ".join(f"{name}={value}" for name, value in cookies.items())
        headers = {"origin": self._origin, "referer": self._address, "x-csrf-token": token, "cookie": carried}
        answer = self._browser.post(f"{self._origin}{API}/{what}", json=body, headers={**ASKS, **headers})
        assert answer.is_success, f"{what}: {answer.status_code} {answer.text[:500]}"
        found: dict[str, object] = answer.json()
        return found
