"""You and your peers on the page of a study and on Measures: the same strips, in four languages, no names."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from bankside.measures import peers as standings
from bankside.measures import study_observed, study_posts
from bankside.measures.models import Study
from bankside.people import staff as people
from bankside.people.models import Staff
from bankside.record import clock
from bankside.web.measured import peers
from bankside.web.pages import html_lang
from tests.measures import generated
from tests.measures.studied import author
from tests.measures.test_figures import follow
from tests.measures.test_peers import ROWS, SEEN, observed
from tests.web.test_studies_pages import browser, words

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def staff() -> Staff:
    return author()


@pytest.fixture
def study(staff: Staff) -> Study:
    return observed(staff)


@pytest.fixture
def client(staff: Staff) -> Client:
    return browser(staff)


def test_the_page_of_a_study_shows_us_among_our_peers(client: Client, study: Study) -> None:
    page = words(client.get(f"/studies/{study.obj}/report/"))
    part = page[page.index('class="part peers"') :].partition("</section>")[0]
    assert "You and 6 peers" in part and "counted from public pages and posts" in part
    assert "middle peer 4, half of them from 2.25 to 5.75" in part and "place 4 of 7" in part
    assert "Noord" not in part and len(re.findall("middle peer 40", part)) == 1


@pytest.mark.parametrize("language", ["en", "ko", "zh-hans", "nl"])
def test_both_pages_take_the_same_way(staff: Staff, study: Study, language: str) -> None:
    with translation.override(language):
        on_measures, on_study = peers.of(staff), peers.in_study(study)
        found = standings.of(study, html_lang())
    assert on_measures == on_study is not None and found is not None
    assert [one.title for one in on_study.strips] == [one.title for one in found.strips]
    assert on_study.seen and on_study.count == 6 and "band" in on_study.legend
    [posts, minutes] = on_study.strips
    assert len(posts.chart.rows) == 1 + 6 + 1 + 2 and len(minutes.chart.rows) == 1 + 5 + 1


def test_a_study_that_we_are_not_in_shows_none(client: Client, staff: Staff) -> None:
    row = study_observed.keep(staff, SEEN, ROWS.encode(), b"")
    assert peers.in_study(row) is None
    assert "part peers" not in words(client.get(f"/studies/{row.obj}/report/"))


def test_what_was_counted_of_an_account_is_shown(client: Client, staff: Staff) -> None:
    def line(**more: Any) -> str:
        told = study_posts.Of(network="there", handle="<b>h</b>", at_ms=1_790_000_000_000, **more)
        return study_posts.lines("Hanul Bank", [told])[0]

    evidence = "\n".join([line(own=5, asked=4, answered=3), line(why="It is shown to nobody.")])
    row = study_observed.keep(staff, SEEN, ROWS.encode(), evidence.encode())
    one = row.respondents.get(institution="Hanul Bank")
    page = words(client.get(f"/studies/{row.obj}/institutions/{one.obj}/"))
    assert "Comments: 4, answered: 3." in page and "It is shown to nobody." in page
    assert "<b>h</b>" not in page and "&lt;b&gt;h&lt;/b&gt;" in page


def test_the_box_for_posts_starts_with_posts(client: Client) -> None:
    from bankside.record.models import Job

    lines = "Noord Bank; bank; https://noord.example/"
    for given in ({}, {"posts": "1"}):
        client.post("/studies/looking/", {"title": "T", "institutions": lines, **given})
    told = [row.data["posts"] for row in Job.objects.filter(kind="measures.look").order_by("pk")]
    assert told == [False, True]


def test_measures_shows_the_same_part_and_leads_to_the_study(
    staff: Staff, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "_frozen_ms", clock._frozen_ms)
    generated.desk(300)
    follow()
    reader = people.add("peers.reader@hanulbank.example", "Pieter Smit", role="compliance")
    days = "/measures/?period=chosen&first=2026-09-21&last=2026-10-25"
    page = words(browser(reader).get(days))
    part = page[page.index('class="part peers"') :].partition("</section>")[0]
    assert f'href="/studies/{study.obj}/"' in part and "middle peer 4, half of them from 2.25 to 5.75" in part
    assert "Noord" not in part
