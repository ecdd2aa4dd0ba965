"""The language of bases: what it reads, what holds, and what it refuses where."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.measures.study.answers import answer_of
from bankside.measures.study.condition import questions_of
from bankside.measures.study.definition import Option, Question
from bankside.measures.study.expression import DEPTH_MAX, PARTS_MAX, ExpressionWrong, parse


def options(*ids: str) -> tuple[Option, ...]:
    return tuple(Option(id=id, written=id) for id in ids)


QUESTIONS = (
    Question(id="uses", kind="single", options=options("yes", "no")),
    Question(id="networks", kind="multi", options=options("video", "blog", "short messages")),
    Question(id="worth", kind="scale", options=options("1", "2", "3", "4", "5")),
    Question(id="solved", kind="scale", options=options("rarely", "often", "always")),
    Question(id="team-size", kind="number"),
    Question(id="free-scale", kind="scale"),
)


def holds(text: str, sector: str = "", **cells: str) -> bool | None:
    cells = {name.replace("_", "-"): cell for name, cell in cells.items()}
    answers = {question.id: answer_of(question, cells.get(question.id, "")) for question in QUESTIONS}
    return parse(text, QUESTIONS).holds(answers, sector)


def wrong(text: str, later: tuple[str, ...] = ()) -> tuple[int, str]:
    with pytest.raises(ExpressionWrong) as caught:
        parse(text, QUESTIONS, later)
    return caught.value.column, f"{caught.value.message} {caught.value.hint}".strip()


@pytest.mark.parametrize(
    ("text", "cells", "comes"),
    [
        ('uses == "yes"', {"uses": "yes"}, True),
        ("uses == 'yes'", {"uses": "no"}, False),
        ("uses = yes", {"uses": "yes"}, True),
        ("uses == YES", {"uses": "yes"}, True),
        ('"yes" == uses', {"uses": "yes"}, True),
        ("uses == “yes”", {"uses": "yes"}, True),
        ('uses != "yes"', {"uses": "no"}, True),
        ('uses <> "yes"', {"uses": "yes"}, False),
        ('"blog" in networks', {"networks": "video|blog"}, True),
        ("blog in networks", {"networks": "video"}, False),
        ("blog not in networks", {"networks": "video"}, True),
        ("networks contains blog", {"networks": "blog"}, True),
        ("networks has “short messages”", {"networks": "short messages"}, True),
        ("networks == blog", {"networks": "video|blog"}, True),
        ('networks in ["blog", "video"]', {"networks": "video"}, True),
        ("networks in (blog, video)", {"networks": "short messages"}, False),
        ("networks not in {blog}", {"networks": "-"}, True),
        ("count(networks) >= 2", {"networks": "video|blog"}, True),
        ("count(networks) == 0", {"networks": "-"}, True),
        ("worth >= 4", {"worth": "4"}, True),
        ("4 <= worth", {"worth": "3"}, False),
        ("worth ≥ 3.5", {"worth": "4"}, True),
        ("worth == 4", {"worth": "4"}, True),
        ("worth in [4, 5]", {"worth": "5"}, True),
        ("worth != 4", {"worth": "-"}, True),
        ("worth > 1", {"worth": "-"}, False),
        ("solved >= often", {"solved": "always"}, True),
        ("solved > 1", {"solved": "rarely"}, False),
        ("team-size > 2.5", {"team_size": "3"}, True),
        ("team-size == 3", {"team_size": "3.0"}, True),
        ("team-size in [1, 3]", {"team_size": "3"}, True),
        ("team-size != 3", {"team_size": "4"}, True),
        ("team-size > -1", {"team_size": "0"}, True),
        ("free-scale > 6", {"free_scale": "7"}, True),
        ("free-scale == 7", {"free_scale": "7"}, True),
        ("answered(networks)", {"networks": "-"}, True),
        ("answered(networks)", {}, False),
        ("not answered(networks)", {}, True),
        ("uses == yes and (worth > 3 or team-size > 9)", {"uses": "yes", "worth": "4"}, True),
        ("uses == yes && worth > 3 || team-size > 9", {"uses": "no", "team_size": "10"}, True),
        ("!(uses == yes)", {"uses": "no"}, True),
        ("NOT uses == yes", {"uses": "yes"}, False),
    ],
)  # fmt: skip
def test_what_holds(text: str, cells: dict[str, str], comes: bool) -> None:
    assert holds(text, **cells) is comes


@pytest.mark.parametrize(
    "text",
    [
        "uses == yes", "uses != yes", "not uses == yes", "blog in networks", "blog not in networks",
        "worth > 3",
        "not worth > 3", "count(networks) == 0", "team-size != 1", "uses in [yes, no]", "sector == bank",
    ],
)  # fmt: skip
def test_of_an_empty_cell_nothing_is_known(text: str) -> None:
    assert holds(text) is None


def test_what_is_known_decides_where_it_can() -> None:
    assert holds("uses == yes or worth > 3", uses="yes") is True
    assert holds("uses == yes and worth > 3", uses="no") is False
    assert holds("uses == yes and worth > 3", uses="yes") is None


def test_the_sector_can_be_asked() -> None:
    assert holds('sector == "bank"', sector="Bank") is True
    assert holds("sector in [bank, insurance]", sector="investment") is False
    assert holds("sector != bank", sector="card company") is True


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("use == yes", 1, "There is no earlier question use. Did you mean “uses”?"),
        ("uses == yse", 9, "uses has no option “yse”. Did you mean “yes”?"),
        ("uses == maybe", 9, "uses has no option “maybe”. It can be: yes, no."),
        ("plans == yes", 1, "The question plans comes later; a base asks about earlier ones."),
        ("uses", 1, "This is a question and not yet a condition."),
        ("uses ==", 8, "The base ends too early."),
        ("uses == yes)", 12, "“)” cannot stand here."),
        ("uses == yes & worth > 3", 13, "“&” cannot stand here. Did you mean “&&”?"),
        ('uses == "yes', 9, "A quotation mark is not closed."),
        ("worth > often", 9, "worth has no option “often”."),
        ("uses > 3", 1, "Only scales, numbers and count(...) can be more or less."),
        ("team-size == many", 14, "This must be a number."),
        ("uses in []", 9, "The list is empty."),
        ("uses == worth", 9, "A question is compared with one answer."),
        ("uses == [yes, no]", 9, "A question is compared with one answer. Several are asked with in"),
        ("uses in networks", 6, "One side of in is a question, the other its answers."),
        ("count(uzes) > 1", 7, "There is no earlier question uzes. Did you mean “uses”?"),
        ("__import__('os')", 11, "“(” cannot stand here."),
        ("", 1, "The base ends too early."),
    ],
)  # fmt: skip
def test_what_is_refused_and_where(text: str, column: int, words: str) -> None:
    at, said = wrong(text, later=("plans",))
    assert (at, said[: len(words)]) == (column, words)


def test_the_limits() -> None:
    assert "levels" in wrong("(" * (DEPTH_MAX + 1) + "uses == yes" + ")" * (DEPTH_MAX + 1))[1]
    assert "parts" in wrong(" or ".join(["uses == yes"] * (PARTS_MAX + 1)))[1]
    assert "characters" in wrong("uses == yes " * 1000)[1]


def test_which_questions_it_asks_about() -> None:
    condition = parse("uses == yes and not (worth > 3 or sector == bank) or answered(networks)", QUESTIONS)
    assert questions_of(condition) == {"uses", "worth", "networks"}


@settings(max_examples=300)
@given(st.text(alphabet="usesworth yesno=!<>&|()[]{},\"'“”in not and or 0123.-≥", max_size=60))
def test_whatever_is_written_is_read_or_refused_with_a_column(text: str) -> None:
    try:
        condition = parse(text, QUESTIONS)
    except ExpressionWrong as error:
        assert 1 <= error.column <= len(text) + 1
    else:
        assert condition.holds({}) in (True, False, None)


leaves = st.sampled_from(
    [
        "uses == yes",
        "blog in networks",
        "worth >= 3",
        "team-size < 5",
        "answered(uses)",
        "count(networks) > 1",
    ]
)
texts = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]} and {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} || {two[1]})"),
        inner.map(lambda one: f"not ({one})"),
    ),
    max_leaves=6,
)


@settings(max_examples=100)
@given(
    texts, st.sampled_from(["", "-", "yes", "no"]), st.sampled_from(["", "-", "blog", "blog|video"]),
    st.sampled_from(["", "2", "3"]), st.sampled_from(["", "-", "4", "5"]),
)  # fmt: skip
def test_it_is_kleenes_logic(text: str, uses: str, networks: str, worth: str, team: str) -> None:
    """Beside Python's own reading of the same words, with None for what is not known."""
    known: dict[str, bool | None] = {
        "uses == yes": None if not uses else uses == "yes",
        "blog in networks": None if not networks else "blog" in networks,
        "worth >= 3": None if not worth else worth == "3",
        "team-size < 5": None if not team else team == "4",
        "answered(uses)": uses != "",
        "count(networks) > 1": None if not networks else "|" in networks,
    }
    found = holds(text, uses=uses, networks=networks, worth=worth, team_size=team)
    ways = set()
    unknown = [leaf for leaf, value in known.items() if value is None]
    for way in range(2 ** len(unknown)):
        filled = known | {leaf: bool(way >> place & 1) for place, leaf in enumerate(unknown)}
        python = text.replace("||", "or")
        for leaf, value in filled.items():
            python = python.replace(leaf, str(value))
        ways.add(eval(python))  # made of True, False, and, or, not and brackets by this test
    if found is not None:
        assert ways == {found}
