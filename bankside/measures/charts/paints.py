"""The paints of charts by name: variables of `tokens.css` on a page, fixed colours on paper.

The steps of a stack differ in lightness, so that grey paper tells them apart too.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

Paints = Mapping[str, str]

PAGE: Final[Paints] = MappingProxyType(
    {
        "sheet": "var(--sheet)", "ink": "var(--ink)", "muted": "var(--muted)", "line": "var(--line)",
        "line-2": "var(--line-2)", "edge": "var(--edge)", "you": "var(--c-you)", "band": "var(--c-band)",
        "peer": "var(--c-peer)", "care": "var(--c-care)", "pr": "var(--c-pr)", "info": "var(--c-info)",
        "pale": "var(--inset)", "mid": "var(--c-peer)", "striped": "var(--sheet)",
        "on-care": "var(--on-act)", "on-pr": "#FFFFFF", "on-info": "#0B1220", "on-pale": "var(--ink)",
        "on-mid": "#0B1220", "on-striped": "var(--ink)", "on-you": "var(--sheet)",
    }
)  # fmt: skip
# The light side of tokens.css on white paper.
PRINT: Final[Paints] = MappingProxyType(
    {
        "sheet": "#FFFFFF", "ink": "#16181D", "muted": "#5C616B", "line": "#E4DFD2", "line-2": "#CDC6B4",
        "edge": "#8B8574", "you": "#D13B63", "band": "#DCD6F7", "peer": "#8B8574", "care": "#0B1220",
        "pr": "#6F5FE0", "info": "#D8A48F", "pale": "#F0EDE3", "mid": "#8B8574", "striped": "#FFFFFF",
        "on-care": "#FBFAF6", "on-pr": "#FFFFFF", "on-info": "#0B1220", "on-pale": "#16181D",
        "on-mid": "#0B1220", "on-striped": "#16181D", "on-you": "#FFFFFF",
    }
)  # fmt: skip
# The order in which the parts of a stack are painted; the two last have an outline, the last one stripes.
STEPS: Final = ("care", "pr", "info", "pale", "mid", "striped")
OUTLINED: Final = frozenset({"pale", "striped"})
