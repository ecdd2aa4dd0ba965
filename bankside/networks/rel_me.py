"""Whether a page links back: `rel="me"` on a link to exactly one address.

Such a link says that the page and what it links to belong to the same person; servers of the fediverse put it
on what their people enter as links of their profile.
"""

from __future__ import annotations

from html.parser import HTMLParser

PAGE_BYTES_MAX = 1_000_000
LINKS_MAX = 2_000
LINKING = frozenset({"a", "link", "area"})


def links_back(page: str, address: str) -> bool:
    """Whether the page links to the address as `me`. What is broken in the page is passed over."""
    reader = _Reader(address)
    reader.feed(page[:PAGE_BYTES_MAX])
    reader.close()
    return reader.found


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__(convert_charrefs=True)
        self._wanted, self._seen, self.found = address.rstrip("/"), 0, False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in LINKING or self._seen >= LINKS_MAX:
            return
        self._seen += 1
        said = {name: value or "" for name, value in attrs}
        relations = said.get("rel", "").lower().split()
        if "me" in relations and said.get("href", "").strip().rstrip("/") == self._wanted:
            self.found = True
