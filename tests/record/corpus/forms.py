"""How people write a number: with gaps, in other digits, with what cannot be seen.

The forms of `KNOWN` were looked at while the recogniser was written. Those of `HELD_OUT` were not: they were
written down first and tried once, and what they showed is told in docs/operate/personal-identifiers.md.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.record.corpus import numbers

Form = Callable[[str, Random], str]


def _digits_from(zero: int) -> Form:
    table = {ord("0") + value: chr(zero + value) for value in range(10)}
    return lambda number, chance: number.translate(table)


_CIRCLED = {ord("0"): "⓪", **{ord("0") + value: chr(0x245F + value) for value in range(1, 10)}}
_UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad"

KNOWN: list[Form] = [
    *[lambda n, c: n] * 4,
    *[lambda n, c: numbers.printed(n)] * 3,
    *[lambda n, c: numbers.printed(n, "-")] * 2,
    lambda n, c: numbers.printed(n, "."),
    lambda n, c: numbers.printed(n, "\u00a0"),
    lambda n, c: numbers.printed(n, "\n"),
    lambda n, c: numbers.printed(n, " - "),
    lambda n, c: numbers.printed(n, "–"),
    lambda n, c: numbers.printed(n, "\u200b"),
    lambda n, c: numbers.printed(n, "  "),
    lambda n, c: numbers.printed(n, "/"),
    lambda n, c: " ".join(n),
    lambda n, c: "\u200b".join(n),
    lambda n, c: _digits_from(0xFF10)(numbers.printed(n, "－"), c),
    _digits_from(0xFF10),
    _digits_from(0x0660),
    _digits_from(0x06F0),
    _digits_from(0x0966),
    _digits_from(0x1D7CE),
    _digits_from(0x1D7D8),
    _digits_from(0x1D7F6),
    lambda n, c: n.translate(_CIRCLED),
    lambda n, c: "".join(f"{d}\ufe0f\u20e3" for d in n),
    lambda n, c: "".join(d + c.choice(["", "", c.choice(_UNSEEN)]) for d in n).rstrip(_UNSEEN),
]
HELD_OUT: list[Form] = [
    lambda n, c: numbers.printed(n, ", "),
    lambda n, c: numbers.printed(n, "_"),
    lambda n, c: numbers.printed(n, " · "),
    lambda n, c: numbers.printed(n, "|"),
    lambda n, c: numbers.printed(n, "\u3000"),
    lambda n, c: numbers.printed(n, "\u2009"),
    lambda n, c: numbers.printed(n, "\r\n"),
    lambda n, c: numbers.printed(n, "\t"),
    lambda n, c: numbers.printed(n, "ㅡ"),
    lambda n, c: numbers.printed(n, "~"),
    lambda n, c: numbers.printed(n, "*"),
    lambda n, c: numbers.printed(n, "\u2060"),
    lambda n, c: "-".join(n),
    lambda n, c: ".".join(n),
    lambda n, c: " ".join(n[i : i + 2] for i in range(0, len(n), 2)),
    lambda n, c: f"{n[:4]} {n[4:8]}-{n[8:]}",
    lambda n, c: f"{n[: len(n) // 2]} {n[len(n) // 2 :]}" if len(n) == 16 else n,
    lambda n, c: f"[{numbers.printed(n)}]",
    lambda n, c: f'"{numbers.printed(n, "-")}"',
    lambda n, c: "<br>".join(n[i : i + 4] for i in range(0, len(n), 4)),
    lambda n, c: numbers.printed(n, "&nbsp;"),
    lambda n, c: "\u2066" + numbers.printed(n) + "\u2069",
    lambda n, c: "\u202e" + n + "\u202c",
    _digits_from(0x0E50),
    _digits_from(0x09E6),
    _digits_from(0x1D7E2),
    _digits_from(0x1D7EC),
    _digits_from(0x1FBF0),
    lambda n, c: "".join(chr(0x2488 + int(d) - 1) if d != "0" else "0" for d in n),  # 1. with a full stop
    lambda n, c: "".join(chr(0x2775 + int(d)) if d != "0" else "⓿" for d in n),  # white on black
    lambda n, c: "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(d)] for d in n),
    lambda n, c: "".join(c.choice((d, chr(0xFF10 + int(d)))) for d in n),  # half of them wide
    lambda n, c: "".join("零一二三四五六七八九"[int(d)] for d in n),
    lambda n, c: "".join("공일이삼사오육칠팔구"[int(d)] for d in n),
    lambda n, c: " ".join(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"][int(d)] for d in n
    ),
    lambda n, c: ", ".join(
        ["nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"][int(d)] for d in n
    ),
]
