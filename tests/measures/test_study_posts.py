"""Public posts in an observation: counted by hand, kept without people, in the desk and by command."""

from __future__ import annotations

import csv
import json
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bankside.channels import public_posts
from bankside.channels.places import known_places
from bankside.channels.public_posts import DAY_MS, Account, Looked, PublicPost
from bankside.commands import DONE, main
from bankside.measures import study_looking, study_posts, study_reports
from bankside.measures.models import Evidence, Looking
from bankside.measures.observation import post_questions
from bankside.measures.observation.institution import Institution
from bankside.measures.observation.posts import activity, together
from bankside.record import jobs
from tests.measures import captured, corpus
from tests.measures.studied import author

FIRST, SECOND, CLOSED = (place.network for place in known_places()[:3])
NOW_MS = 1_790_000_000_000
WEEKS = 90 / 7
HOUR = 3_600_000
LINES = "Noord Bank; bank; https://noord.example/\nZuid Bank; bank; https://zuid.example/\n"


def post(id: str, hours_ago: float, **more: Any) -> PublicPost:
    return PublicPost(id=id, at_ms=round(NOW_MS - hours_ago * HOUR), own=not id.startswith("q"), **more)


# Of the first account: 3 posts, of 4 comments 1 is a day too young, 2 of 3 are answered, after 1 and 5 hours.
POSTS = (
    post("a", 500, text="Ons jaarverslag", lang="nl"), post("b", 400, text="抽奖活动"),
    post("c", 300, text="고객센터로 문의해 주세요", lang="ko"),
    post("q1", 290, answers="a"), post("q2", 280, answers="b"), post("q3", 200, answers="c"),
    post("q4", 3, answers="c"),
    post("r1", 289, answers="q1"), post("r2", 275, answers="q2"), post("r4", 2, answers="q4"),
)  # fmt: skip


class Pretended:
    """A network that gives what it is told to, and says of the closed one why not."""

    def __init__(self, **_: Any) -> None:
        self.asked: list[Account] = []

    def read(self, account: Account, *, seconds_max: float = 0.0) -> Looked:
        self.asked.append(account)
        if account.network == CLOSED:
            return Looked(at_ms=NOW_MS, why="It is shown to nobody.")
        posts = POSTS if account.network == FIRST else (post("d", 50, text="Sponsor", lang="nl"),)
        since_ms = NOW_MS - 90 * DAY_MS
        return Looked(at_ms=NOW_MS, since_ms=since_ms, posts=posts, answers=account.network == FIRST)


def accounts(*networks: str) -> list[Account]:
    return [Account(network=name, handle="h", address="https://there.example/h") for name in networks]


def visited(who: Institution, *networks: str, pages: int = 3) -> dict[str, Any]:
    lines = [
        json.dumps({
            "institution": who.name, "own": True,
            "account": {"network": name, "handle": "h", "address": "https://there.example/h", "flags": []},
        })
        for name in networks
    ]  # fmt: skip
    record = {"institution": who.name, "sector": who.sector, "networks": "|".join(sorted(networks)) or "-"}
    return {"name": who.name, "pages": pages, "record": record, "evidence": lines}


# --- the figures, by hand --------------------------------------------------------------------------------
def test_the_cells_of_an_institution_counted_by_hand() -> None:
    figures, told = study_posts.read(accounts(FIRST, SECOND, CLOSED), Pretended())
    cells = post_questions.cells(figures)
    assert cells["read_on"] == "|".join(sorted((FIRST, SECOND)))
    assert cells["posts_per_week"] == f"{4 / WEEKS:.2f}".rstrip("0")
    assert (cells["answers_looked_at"], cells["answer_rate"]) == ("3", "66.67")
    assert cells["answer_minutes"] == f"{statistics.median([60, 300]):.0f}"
    assert cells["purposes"] == "brand|contact|information|public-relations"
    assert {cells[f"share_{name}"] for name in ("brand", "contact", "information")} == {"25"}
    assert (cells["share_other"], cells["languages"]) == ("0", "ko|nl|zh")
    assert (cells[f"rate_{FIRST}"], cells[f"rate_{SECOND}"]) == ("66.67", "")
    assert f"week_{CLOSED}" not in cells
    assert [(one.network, one.why) for one in told] == [
        (FIRST, ""), (SECOND, ""), (CLOSED, "It is shown to nobody."),
    ]  # fmt: skip


def test_what_is_kept_says_nothing_of_people() -> None:
    _, told = study_posts.read(accounts(FIRST), Pretended())
    [line] = study_posts.lines("Noord Bank", told)
    kept = json.loads(line)["posts"]
    assert (kept["own"], kept["asked"], kept["answered"], kept["replies"]) == (6, 3, 2, 3)
    texts = [value for value in kept.values() if isinstance(value, str)]
    assert set(texts) == {FIRST, "h", ""}, "nothing but the account itself is text"


def test_two_accounts_of_a_network_are_one_figure_and_there_is_a_limit() -> None:
    reader = Pretended()
    figures, _ = study_posts.read(accounts(FIRST, FIRST), reader)
    one = study_posts.counted(Pretended().read(accounts(FIRST)[0]))
    assert figures[FIRST] == together([one, one]) and figures[FIRST].asked == 2 * one.asked
    study_posts.read(accounts(*[FIRST] * 30), reader)
    assert len(reader.asked) == 2 + study_posts.ACCOUNTS_MAX


def test_nothing_to_read_leaves_cells_empty() -> None:
    assert post_questions.cells({}) == {"read_on": "-"}
    silent = activity((), since_ms=NOW_MS - DAY_MS, until_ms=NOW_MS)
    cells = post_questions.cells({FIRST: silent})
    assert cells["posts_per_week"] == "0" and cells["answer_rate"] == "" and "purposes" not in cells


def test_only_own_accounts_that_are_there_are_read() -> None:
    def line(own: bool, *flags: str, address: str = "https://there.example/h") -> str:
        account = {"network": FIRST, "handle": "h", "address": address, "flags": flags, "strength": 3}
        return json.dumps({"institution": "Noord Bank", "own": own, "account": account})

    some = [line(True), line(False), line(True, "dead"), line(True, "closed"), line(True, "faint")]
    assert len(study_posts.accounts_in([*some, line(True, address="")])) == 1


# --- in the desk -----------------------------------------------------------------------------------------
Sees = Callable[[Institution], dict[str, Any]]


def looked_at(monkeypatch: pytest.MonkeyPatch, see: Sees, **how: Any) -> Looking:
    monkeypatch.setattr(study_looking, "visited", lambda who, addresses, folder: see(who))
    monkeypatch.setattr(study_posts, "Reader", Pretended)
    row = study_looking.start(author(), title="Seen", lines=LINES, **how)
    for _ in range(5):
        jobs.run_due()
    row.refresh_from_db()
    return row


@pytest.mark.django_db
def test_a_list_becomes_a_study_with_posts(monkeypatch: pytest.MonkeyPatch) -> None:
    def see(who: Institution) -> dict[str, Any]:
        return visited(who, FIRST, CLOSED) if who.name == "Noord Bank" else visited(who, SECOND)

    row = looked_at(monkeypatch, see, posts=True)
    assert row.state == Looking.DONE and row.study is not None
    asked = {one.question.id: one for one in study_reports.report_of(row.study).questions}
    assert asked["posts_per_week"].base == 2 and asked["answer_rate"].base == 1
    assert {name for name in asked if name.startswith("week_")} == {f"week_{FIRST}", f"week_{SECOND}"}
    told = [json.loads(one.line) for one in Evidence.objects.filter(respondent__study=row.study)]
    assert sorted(one["posts"]["network"] for one in told if "posts" in one) == sorted(
        (FIRST, CLOSED, SECOND)
    )


@pytest.mark.django_db
def test_without_the_wish_no_account_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    row = looked_at(monkeypatch, lambda who: visited(who, FIRST))
    assert row.study is not None and all("posts" not in one for one in row.seen)
    assert "posts_per_week" not in {one.question.id for one in study_reports.report_of(row.study).questions}


@pytest.mark.django_db
def test_a_visit_that_saw_no_page_has_no_cells_of_posts(monkeypatch: pytest.MonkeyPatch) -> None:
    def see(who: Institution) -> dict[str, Any]:
        return visited(who, FIRST) if who.name == "Noord Bank" else visited(who, pages=0)

    row = looked_at(monkeypatch, see, posts=True)
    assert row.study is not None
    rows = study_reports.rows(row.study)
    place = rows[0].index("read_on")
    assert [one[place] for one in rows[1:]] == [FIRST, ""]


# --- by command ------------------------------------------------------------------------------------------
def test_the_command_writes_a_study_that_reports(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_posts, "Reader", Pretended)
    pages = list({page.host: page for page in corpus.pages(14)}.values())
    captured.folder(pages, tmp_path / "pages")
    rows = [f"{page.name},bank,https://{page.host}/" for page in pages]
    (tmp_path / "list.csv").write_text("institution,sector,address\n" + "\n".join(rows))
    out = str(tmp_path / "out")
    asked = ["--pages", str(tmp_path / "pages"), "--processes", "1", "--out", out, "--posts", "--json"]
    assert main(["study", "observe", str(tmp_path / "list.csv"), *asked]) == DONE
    made = json.loads(capsys.readouterr().out)
    cells = list(csv.DictReader((tmp_path / "out/responses.csv").read_text().splitlines()))
    assert made["posts_read_on"] and CLOSED not in made["posts_read_on"]
    assert {name for one in cells for name in one["read_on"].split("|")} - {"-"} == set(made["posts_read_on"])
    lines = [json.loads(line) for line in (tmp_path / "out/evidence.jsonl").read_bytes().splitlines()]
    told = [line for line in lines if "posts" in line]
    for one in cells:
        mine = [line["posts"] for line in told if line["institution"] == one["institution"]]
        read = [line for line in mine if not line["why"]]
        assert one["answers_looked_at"] == (str(sum(line["asked"] for line in read)) if read else "")
        week = sum(line["posts_per_week"] for line in read)
        assert not read or float(one["posts_per_week"]) == pytest.approx(week, abs=0.006)
    assert main(["study", "report", out, "--json"]) == DONE
    figures = {one["id"]: one for one in json.loads(capsys.readouterr().out)["questions"]}
    assert figures["posts_per_week"]["base"] == sum(bool(one["posts_per_week"]) for one in cells) > 0
    assert main(["study", "report", out, "--lang", "ko"]) == DONE
    assert "주당 게시물 수" in capsys.readouterr().out
