"""A study is called as its own text calls it in the reader's language."""

from __future__ import annotations

import pytest
from django.utils import translation

from bankside.measures import studies
from bankside.measures.models import Study
from bankside.web.studied import sector_name, study_title


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "Social networks at financial institutions, 2026"),
        ("ko", "금융기관의 소셜 네트워크 이용, 2026"),
        ("zh-hans", "金融机构的社交网络使用, 2026"),
        ("nl", "Sociale netwerken bij financiële instellingen, 2026"),
    ],
)
def test_the_title_is_in_the_readers_language(language: str, title: str) -> None:
    with translation.override(language):
        assert study_title(Study(text=studies.sample(), title="kept")) == title


def test_a_sector_that_is_not_ours_stays_as_it_is() -> None:
    with translation.override("nl"):
        assert [sector_name(one) for one in ("Bank", "coöperatie", "")] == ["bank", "coöperatie", ""]
