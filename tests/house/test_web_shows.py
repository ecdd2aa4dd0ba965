"""The web shows and does not decide: rows come from the rooms, and a view is at most twenty lines."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.house import tree

VIEW_LINES_MAX = 20
WEB = [file for file in tree.under("bankside") if file.parts[1] == "web"]
VIEWS = [file for file in WEB if file.parts[2] in {"staff", "member", "api", "hooks.py"}]


def asks_the_tables(source: str) -> list[int]:
    """Lines on which a model's manager is used, or a connection to the database."""
    managers = {"objects", "_default_manager", "_base_manager"}
    module = ast.walk(ast.parse(source))
    nodes = [node for node in module if isinstance(node, ast.Attribute | ast.ImportFrom)]
    used = [n.lineno for n in nodes if isinstance(n, ast.Attribute) and n.attr in managers]
    imported = [n.lineno for n in nodes if isinstance(n, ast.ImportFrom) and n.module == "django.db"]
    return sorted(used + imported)


def long_views(source: str) -> list[str]:
    """Functions that take a request and are longer than a view may be, its docstring not counted."""
    views = [f for f in tree.functions(source) if f.args.args and f.args.args[0].arg == "request"]
    lengths = [(view.name, tree.lines_of(view, docstring=False)) for view in views]
    return [f"{name}: {length} lines" for name, length in lengths if length > VIEW_LINES_MAX]


def test_the_web_does_not_ask_the_tables() -> None:
    assert {str(file): lines for file in WEB if (lines := asks_the_tables(tree.text(file)))} == {}


def test_views_are_short() -> None:
    assert {str(file): views for file in VIEWS if (views := long_views(tree.text(file)))} == {}


def test_a_query_in_the_web_is_found() -> None:
    assert asks_the_tables("rows = Post.objects.filter(team=1)\n") == [1]
    assert asks_the_tables("from django.db import connection\n") == [1]
    assert asks_the_tables("rows = post.visible_to(staff)\n") == []


def test_a_long_view_is_found() -> None:
    body = "\n".join("    x = 1" for _ in range(VIEW_LINES_MAX))
    assert long_views(f'def show(request):\n    """What it shows."""\n{body}\n') == ["show: 21 lines"]
    assert long_views(f"def rows_of(post):\n{body}\n") == []


def test_there_is_a_web() -> None:
    assert Path("bankside/web/pages.py") in WEB
