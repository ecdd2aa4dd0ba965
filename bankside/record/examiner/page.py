"""Puts the examiner's page together: scripts, style and words in one HTML file that can load nothing.

Packages hold it as `verify.html`, and the desk gives it to whoever asks. Its own content policy names the
script and the style by their SHA-256 and forbids everything else, every request among it.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
CHECKS: Final = ("hashing.js", "signatures.js", "notes.js", "tree.js", "logs.js", "packages.js")
"""Scripts that check, without a page; the tests run them by themselves."""
PAGE: Final = ("words.js", "page.js", "shown.js")
NAME: Final = "verify.html"


@cache
def page() -> bytes:
    """The whole file; the same bytes each time."""
    script = '"use strict";\n' + "".join(f"{_read(name)}\n" for name in (*CHECKS, *PAGE))
    style = _read("page.css")
    policy = (
        f"default-src 'none'; script-src '{_named(script)}'; style-src '{_named(style)}';"
        " base-uri 'none'; form-action 'none'"
    )
    shell = _read("page.html")
    for place, text in (("{{policy}}", policy), ("{{style}}", style), ("{{script}}", script)):
        before, _, after = shell.partition(place)
        shell = before + text + after
    return shell.encode()


def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def _named(text: str) -> str:
    """How a content policy names an inline part."""
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
