"""Whatever says no to a person says it by a template that the catalogues have, in every language."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog

from bankside.networks import contract
from bankside.record.reading import NoSuchEntry
from bankside.web.problems import ROOMS, problem_of
from tests.house import catalogues, tree
from tests.web.test_problems import errors_of

CODE = [file for file in tree.under("bankside") if file.parts[1] != "commands"]
FAILURES = (
    contract.Later, contract.Expired, contract.Refused, contract.Gone, contract.NotAllowed,
    contract.Reconnect, contract.Uncertain, contract.Forged,
)  # fmt: skip


@pytest.fixture(scope="module")
def messages() -> Catalog:
    return catalogues.wanted()


def for_people() -> set[str]:
    """The names of the errors that pages and API tell of, and of the ways in which a network fails."""
    shown = {error for room in ROOMS for error in errors_of(room) if _is_told(error)}
    return {error.__name__ for error in (*shown, *FAILURES, NoSuchEntry)}


def _is_told(error: type[Exception]) -> bool:
    made = error.__new__(error)
    Exception.__init__(made, "what to do")
    return problem_of(made) is not None


def unmarked(source: str, names: set[str]) -> list[str]:
    """Errors of these names that are made with a plain text, by line: nobody could translate it."""
    return [
        f"{call.lineno}: {ast.unparse(call)[:80]}"
        for call in _calls(source)
        if _name(call) in names and any(_is_plain(word) for word in call.args)
    ]


def templates(source: str) -> list[str]:
    """Every template that is written out in a Said, or in one that is `numbered`."""
    places = {"Said": 0, "numbered": 1}
    written = [
        call.args[places[_name(call)]]
        for call in _calls(source)
        if _name(call) in places and len(call.args) > places[_name(call)]
    ]
    return [one.value for one in written if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def _calls(source: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _is_plain(word: ast.expr) -> bool:
    """A text written here; not a number, nor a short name such as `post.see`."""
    if isinstance(word, ast.Constant):
        return isinstance(word.value, str) and " " in word.value
    return isinstance(word, ast.JoinedStr) or (
        isinstance(word, ast.BinOp) and isinstance(word.op, ast.Add | ast.Mod)
    )


def test_no_error_for_people_is_a_plain_text() -> None:
    names = for_people()
    found = {str(file): unmarked(tree.text(file), names) for file in CODE}
    assert {file: lines for file, lines in found.items() if lines} == {}


def test_every_template_is_in_the_catalogues(messages: Catalog) -> None:
    found = {template for file in CODE for template in templates(tree.text(file))}
    assert len(found) > 200
    assert sorted(template for template in found if template and template not in messages) == []


def test_the_texts_of_the_data_files_are_in_the_catalogues(messages: Catalog) -> None:
    files = tree.under("bankside/networks", suffix=".toml")
    assert len(files) >= 3
    for file in files:
        shown = catalogues.shown_of(tomllib.loads(tree.text(file)))
        assert [words for words in shown if words not in messages] == []


def test_a_plain_text_is_found() -> None:
    plain = 'raise NotNow("It is late.")\nraise post.NotNow(f"{name} is late.")\nraise NotNow(Said("Late."))'
    assert [line.partition(":")[0] for line in unmarked(plain, {"NotNow"})] == ["1", "2"]
    assert unmarked('raise Later(30, "Wait " + name)', {"Later"}) != []
    assert unmarked('raise NotYours("post.see")\nraise Refused(reason)', {"NotYours", "Refused"}) == []
    assert templates('Said("Late, " "%(name)s.", name=name)\nSaid(unit)') == ["Late, %(name)s."]
    assert templates('numbered(n, "%(n)s row.", "%(n)s rows.", n=n)\nnumbered(n)') == ["%(n)s row."]
