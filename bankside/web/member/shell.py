"""What makes the pages an app on a phone: manifest, service worker, the page without a line; short links.

None of it knows who is here.
"""

from __future__ import annotations

import hashlib
import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from bankside.rewards import link, short_link
from bankside.web import assets, pages
from bankside.web.member.frame import show, trouble_page

WORKER = "member-worker.js"
FILES = ("tokens.css", "member.css", "member.js", "vendor/icons.svg", "mark.svg", "member-icon-180.png")
FONTS = ("instrument-sans-latin-wght-normal", "instrument-serif-latin-400-normal", "dm-mono-latin-400-normal")
ICONS = ((192, "any"), (512, "any"), (512, "maskable"))
KEEP_SECONDS = 3600


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone asks before it puts the card on its home screen."""
    name = gettext("Social Card")
    said = {
        "name": name, "short_name": name, "lang": pages.html_lang(), "id": pages.url("member-home"),
        "start_url": pages.url("member-home"), "scope": pages.url("member-home"), "display": "standalone",
        "background_color": "#FDFCF9", "theme_color": "#FDFCF9",
        "icons": [
            {
                "src": assets.static(f"member-icon-{size}.png"), "sizes": f"{size}x{size}",
                "type": "image/png", "purpose": purpose,
            }
            for size, purpose in ICONS
        ],
    }  # fmt: skip
    response = JsonResponse(said, content_type="application/manifest+json")
    response["Cache-Control"] = f"public, max-age={KEEP_SECONDS}"
    response["Vary"] = "Accept-Language, Cookie"
    return response


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker with the list of what it keeps: files of the desk, and one page."""
    code = assets.place(WORKER).read_text(encoding="utf-8")
    kept = [pages.url("member-offline"), *map(assets.static, FILES), *map(_font, FONTS)]
    name = hashlib.sha256(json.dumps([kept, code]).encode()).hexdigest()[:12]
    given = f"const NAME = {json.dumps('card-' + name)}, KEPT = {json.dumps(kept)};\n"
    response = HttpResponse(given + code, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """The page that is shown without a connection, in all languages: nobody knows then who looks."""
    return show(request, "offline", {"tongues": [_offline(code) for code, _ in settings.LANGUAGES]})


@require_safe
def short(request: HttpRequest, code: str) -> HttpResponse:
    """The code on a card: to the profile, which does not learn from where; or a calm page."""
    found = short_link.open(code)
    if isinstance(found, short_link.Off):
        return show(request, "code_off", status=410)
    response = HttpResponse(status=302)
    response["Location"] = found.url
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def proof(request: HttpRequest, token: str) -> HttpResponse:
    """The page that a member's profile points to, and that points back to it (rel=me)."""
    address = link.proof_page(token)
    if address is None:
        detail = gettext("Nothing has this address. It may have been mistyped, or what was here is gone.")
        return trouble_page(request, 404, gettext("There is no such page."), detail)
    return show(request, "proof", {"address": address})


def _offline(code: str) -> tuple[str, str, str]:
    with translation.override(code):
        words = gettext("Your card is not kept on this phone. It is here again when there is a connection.")
        return pages.html_lang(), gettext("You are offline."), words


def _font(name: str) -> str:
    return f"{settings.STATIC_URL}vendor/fonts/{name}.woff2"
