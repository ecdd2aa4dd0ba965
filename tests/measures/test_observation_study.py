"""An observation becomes a study that the others' commands read."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path

import msgspec
import pytest

from bankside.channels.places import known_places
from bankside.commands import DONE, REFUSED, main
from bankside.measures.observation import study
from bankside.measures.observation.institution import Institution
from bankside.measures.observation.institutions import NotAList, listed, sorted_out
from bankside.measures.observation.leads import leads
from bankside.measures.observation.posts import Post, activity
from bankside.measures.study import report
from bankside.measures.study.reading import read
from tests.measures import captured, corpus

PLACES = known_places()
NETWORK = PLACES[0].network


def run(folder: Path, *more: str) -> int:
    return main(["study", "observe", str(folder / "list.csv"), "--out", str(folder / "out"), "--json", *more])


@pytest.fixture
def institutions(tmp_path: Path) -> list[corpus.Made]:
    """Pages of some institutions in a folder, and the list with one more of which there is no page."""
    pages = list({page.host: page for page in corpus.pages(28)}.values())
    captured.folder(pages, tmp_path / "pages")
    rows = [f"{page.name},bank,https://{page.host}/" for page in pages]
    (tmp_path / "list.csv").write_text(
        "institution,sector,address\n" + "\n".join([*rows, "Nobody,free,nobody.example"])
    )
    return pages


def test_captured_pages_become_a_study(
    institutions: list[corpus.Made], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "--pages", str(tmp_path / "pages"), "--processes", "1") == DONE
    made = json.loads(capsys.readouterr().out)
    assert (made["institutions"], made["pages"]) == (len(institutions) + 1, len(institutions))
    assert made["not_seen"] == ["Nobody"]
    whole = read(tmp_path / "out")
    rows = {one.institution: one for one in whole.responses}
    for page in institutions:
        answer = rows[page.name].answers["networks"]
        assert answer is not None and set(answer.chosen) == {network for network, _ in page.own}
    assert rows["Nobody"].answers["networks"] is None
    figures = next(one for one in report.report(whole).questions if one.question.id == "networks")
    assert figures.base == len(institutions)


def test_every_account_has_its_evidence(institutions: list[corpus.Made], tmp_path: Path) -> None:
    assert run(tmp_path, "--pages", str(tmp_path / "pages"), "--processes", "1") == DONE
    lines = [json.loads(line) for line in (tmp_path / "out/evidence.jsonl").read_bytes().splitlines()]
    own = {
        (line["institution"], line["account"]["network"], line["account"]["handle"])
        for line in lines
        if line["own"]
    }
    assert own == {(page.name, network, handle) for page in institutions for network, handle in page.own}
    assert all(line["account"]["traces"] for line in lines)
    bodies = {p.read_bytes() for p in (tmp_path / "pages").rglob("*.html")}
    digests = {hashlib.sha256(body).hexdigest() for body in bodies}
    assert {trace["sha256"] for line in lines for trace in line["account"]["traces"]} <= digests


def test_without_pages_it_says_what_to_do(institutions: list[corpus.Made], tmp_path: Path) -> None:
    assert run(tmp_path) == REFUSED
    assert run(tmp_path, "--pages", str(tmp_path / "nowhere")) == REFUSED


def test_posts_stand_beside_pages() -> None:
    posts = {NETWORK: activity([
        Post(id="a", at_ms=0, own=True, lang="ko", text="금리"), Post(id="q", at_ms=0, own=False),
        Post(id="r", at_ms=120_000, own=True, answers="q"),
    ])}  # fmt: skip
    one = study.Observed(
        who=Institution(name="Hanul Bank", hosts=("hanul.example",)), pages=1, accounts=(), posts=posts
    )
    told = study.definition(PLACES, title="Both", year="2026", with_posts=True, posts_on=[NETWORK])
    row = study.study_of([one], told).responses[0].answers
    assert row["networks"] is not None and row["networks"].chosen == ()
    assert row["answer_minutes"] is not None and row["answer_minutes"].number == 2
    assert row["purposes"] is not None and row["purposes"].chosen == ("information",)
    assert row["languages"] is not None and row["languages"].chosen == ("ko",)


def test_toml_is_what_was_told() -> None:
    told = study.definition(PLACES, title='A "title" \\ 한글', year="2026", with_posts=True, population=40)
    assert tomllib.loads(study.toml(told)) == told


@pytest.mark.parametrize(
    "rows",
    [
        [], [["name"]], [["institution", "address"], ["", "a.example"]],
        [["institution", "address"], ["A", "nowhere"]],
        [["institution", "address"], ["A", "a.example"], ["A", "b.example"]],
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_used_is_refused(rows: list[list[str]]) -> None:
    with pytest.raises(NotAList):
        listed(rows)


def test_pages_go_to_the_longest_name_that_fits() -> None:
    mother, daughter = (
        Institution(name=n, hosts=(h,)) for n, h in (("A", "a.example"), ("B", "b.a.example"))
    )
    from bankside.measures.observation.finding import Seen

    page = Seen(
        address="https://www.b.a.example/x", at_ms=0, sha256="", size=0, encoding="utf-8", findings=()
    )
    other = msgspec.structs.replace(page, address="https://c.example/")
    whose, nobodys = sorted_out((mother, daughter), [page, other])
    assert (len(whose["A"]), len(whose["B"]), nobodys) == (0, 1, 1)


def test_leads_are_the_likeliest_pages() -> None:
    body = (
        '<a href="/x">x</a><a href="/about-us">who</a><a href="/a.pdf">contact</a><a href="/sns">채널</a>'
        '<a href="mailto:contact@a">m</a>'
    )
    assert leads(body.encode()) == ["/sns", "/about-us"]
