"""The logs at their public address, /log/<lane>/<year>/...: C2SP tlog-tiles over HTTP, for anybody.

Read only, without sign-in: leaves name nobody. Only what the published head promises is given: files that
wait for the next head are not there yet. A tile never changes; the head may be kept for a second.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from bankside.record import seal
from bankside.record.log.merkle import HASH_BYTES, TILE_HEIGHT, TILE_WIDTH
from bankside.record.log.proofs import head_of
from bankside.record.log.tiles import CHECKPOINT, Folder, Part, pack, part_at, tile_path, unpack
from bankside.record.shards import number_of

HEAD_TYPE: Final = "text/plain; charset=utf-8"
TILE_TYPE: Final = "application/octet-stream"
HEAD_CACHED: Final = "public, max-age=1"
TILE_CACHED: Final = "public, max-age=31536000, immutable"
PATH_CHARACTERS_MAX: Final = 64
_LANE = re.compile("0|[1-9][0-9]{0,4}", re.ASCII)
_YEAR = re.compile("[1-9][0-9]{3}(?:-[0-9])?", re.ASCII)


@require_safe
def log_file(request: HttpRequest, lane: str, year: str, path: str) -> HttpResponse:
    """The head, or a tile or bundle that it promises; 404 for everything else."""
    if not (_LANE.fullmatch(lane) and _YEAR.fullmatch(year)) or len(path) > PATH_CHARACTERS_MAX:
        raise Http404
    try:
        folder = seal.folder_of(int(lane), number_of(year))
    except ValueError:
        raise Http404 from None
    head = folder.read(CHECKPOINT)
    if head is None:
        raise Http404
    if path == CHECKPOINT:
        return _file(request, head, HEAD_TYPE, HEAD_CACHED)
    part = part_at(path)
    data = None if part is None else promised(folder, part, head_of(head).size)
    if data is None:
        raise Http404
    return _file(request, data, TILE_TYPE, TILE_CACHED)


def promised(folder: Folder, part: Part, size: int) -> bytes | None:
    """The bytes of a tile or bundle of a log of `size` entries; None when they are not published.

    An unfinished one that was taken away since its full one is there is cut from that.
    """
    if ((part.number * TILE_WIDTH + part.width) << TILE_HEIGHT * max(part.level, 0)) > size:
        return None
    data = folder.read(part.path)
    if data is None and part.width < TILE_WIDTH:
        full = folder.read(tile_path(part.level, part.number))
        data = None if full is None else _beginning(full, part)
    return data


def _beginning(full: bytes, part: Part) -> bytes:
    if part.level < 0:
        return pack(unpack(full, TILE_WIDTH)[: part.width])
    return full[: part.width * HASH_BYTES]


def _file(request: HttpRequest, data: bytes, kind: str, cached: str) -> HttpResponse:
    """Named by what is in it, so that whoever has it already is told so."""
    etag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    response = HttpResponse(data, content_type=kind)
    response["Cache-Control"], response["ETag"] = cached, etag
    response["Access-Control-Allow-Origin"] = "*"
    found = get_conditional_response(request, etag=etag, response=response)
    return response if found is None else found
