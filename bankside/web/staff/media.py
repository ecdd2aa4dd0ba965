"""Pictures and films: our own, at addresses that nobody can guess and that last for an hour, and pictures
that people show us.

Whatever a picture may turn out to be, a browser does nothing with it but draw it.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.views.decorators.http import require_safe

from bankside.channels import media
from bankside.inbox import conversation as conversations
from bankside.inbox import openings
from bankside.web.staff.frame import page, staff_of

FILES = {"image/jpeg": "picture.jpg", "image/png": "picture.png", "video/mp4": "film.mp4"}


@require_safe
def media_file(request: HttpRequest, token: str) -> HttpResponse:
    """The bytes of a picture or a film. Whoever has the address may see it: networks fetch them here too."""
    try:
        row = media.media_of(token)
    except media.NoSuchMedia as gone:
        return HttpResponseNotFound(str(gone), content_type="text/plain; charset=utf-8")
    return drawn(media.read(row), row.mime, media.TOKEN_SECONDS)


@page
@require_safe
def shown_picture(request: HttpRequest, number: int, obj: str) -> HttpResponse:
    """A picture that somebody showed in a conversation, for who may see it; she is recorded as its reader."""
    staff = staff_of(request)
    content, mime = openings.picture(staff, conversations.get_visible(staff, number), obj)
    return drawn(content, mime, openings.OPENING_MINUTES * 60)


def drawn(content: bytes, mime: str, keep_seconds: int) -> HttpResponse:
    """The answer with a picture that the desk has drawn itself, or a film that it cleaned; her own browser
    may keep it for so long."""
    response = HttpResponse(content, content_type=mime)
    response["Content-Disposition"] = f'inline; filename="{FILES[mime]}"'
    response["Cache-Control"] = f"private, max-age={keep_seconds}, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
