"""Which pages link back as `me`, and which only seem to."""

from __future__ import annotations

import pytest

from bankside.networks import rel_me


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ('<a rel="me" href="https://d.example/m/p/t/">x</a>', True),
        ('<A REL="noopener Me" HREF=" https://d.example/m/p/t ">x</A>', True),
        ("<link rel=me href=https://d.example/m/p/t/>", True),
        ('<a rel="me" href="https://d.example/m/p/t/x">', False),
        ('<a rel="mean" href="https://d.example/m/p/t/">', False),
        ('<a href="https://d.example/m/p/t/">rel="me"</a>', False),
        ('<!-- <a rel="me" href="https://d.example/m/p/t/"> -->', False),
        ('<script>var x = \'<a rel="me" href="https://d.example/m/p/t/">\'</script>', False),
        ("<a" * 5000 + '<a rel="me"', False),
    ],
)
def test_what_is_a_link_back(page: str, found: bool) -> None:
    assert rel_me.links_back(page, "https://d.example/m/p/t/") is found
