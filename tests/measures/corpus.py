"""The invented pages that the observer is tried on; they name networks, and so lie in tests/networks."""

from __future__ import annotations

from tests.networks.corpus import Made, held_out, pages, second

__all__ = ["Made", "held_out", "pages", "second"]
