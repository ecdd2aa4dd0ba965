"""Pictures of posts and answers, at addresses that nobody can guess and that last for an hour."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.views.decorators.http import require_safe

from bankside.channels import media


@require_safe
def media_file(request: HttpRequest, token: str) -> HttpResponse:
    """The bytes of a picture. Whoever has the address may see it: networks fetch pictures here too."""
    try:
        row = media.media_of(token)
    except media.NoSuchMedia as gone:
        return HttpResponseNotFound(str(gone), content_type="text/plain; charset=utf-8")
    response = HttpResponse(media.read(row), content_type=row.mime)
    response["Cache-Control"] = f"private, max-age={media.TOKEN_SECONDS}, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
