"""Places in a TOML text are those where a person would look."""

from __future__ import annotations

import tomllib

import pytest

from bankside.rewards.rules.located import Places

TEXT = r"""# a comment with [brackets] and = signs
[programme]   # here
id = "a # no comment"
tz="b"
[[earn]]
when = "a \"b\" \u0041 z"
cap = {points=3, times = 4, per="day"}
on = [ "a",   # one, two ]
  "b" , ]
[[earn]]
'quo"ted'.z = 3
points = '''
one
  two'''
[earn.sub]
k = 1_000
[x."y.z"]
d = 2026-07-01 10:00:00Z
e = [[1, 2], [3]]
"""


@pytest.fixture(scope="module")
def places() -> Places:
    assert tomllib.loads(TEXT)
    return Places(TEXT)


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (("programme",), (2, 1), (2, 1)),
        (("programme", "id"), (3, 1), (3, 6)),
        (("programme", "tz"), (4, 1), (4, 4)),
        (("earn", 0), (5, 1), (5, 1)),
        (("earn", 0, "cap", "per"), (7, 29), (7, 33)),
        (("earn", 0, "on", 1), (8, 1), (9, 3)),
        (("earn", 1), (10, 1), (10, 1)),
        (("earn", 1, 'quo"ted', "z"), (11, 1), (11, 15)),
        (("earn", 1, "sub", "k"), (16, 1), (16, 5)),
        (("x", "y.z", "d"), (18, 1), (18, 5)),
        (("x", "y.z", "e", 1, 0), (19, 1), (19, 15)),
        (("earn", 1, "not there"), (10, 1), (10, 1)),
        (("nowhere",), (1, 1), (1, 1)),
    ],
)
def test_keys_and_values(
    places: Places, path: tuple[str | int, ...], key: tuple[int, int], value: tuple[int, int]
) -> None:
    assert (places.key(path), places.value(path)) == (key, value)


def test_characters_inside_of_texts(places: Places) -> None:
    when = tomllib.loads(TEXT)["earn"][0]["when"]
    assert when == 'a "b" A z'
    assert [places.inside(("earn", 0, "when"), when.index(c)) for c in 'a"Az'] == [
        (6, 9),
        (6, 11),
        (6, 17),
        (6, 24),
    ]
    points = tomllib.loads(TEXT)["earn"][1]["points"]
    assert places.inside(("earn", 1, "points"), points.index("two")) == (14, 3)
    assert places.inside(("earn", 1, "points"), 10_000) == (14, 6)
    assert places.inside(("nowhere",), 3) == (1, 1)


def test_windows_line_ends_and_folded_lines() -> None:
    text = '[a]\r\nb = """x \\\r\n   y"""\r\nc = 1\r\n'
    places = Places(text)
    assert tomllib.loads(text)["a"]["b"] == "x y"
    assert places.inside(("a", "b"), 2) == (3, 4)
    assert places.key(("a", "c")) == (4, 1)
