"""Every word of the pages is there in all four languages, with the same places for names and numbers."""

from __future__ import annotations

import re

import pytest
from babel.messages.catalog import Catalog

from tests.house import catalogues


@pytest.fixture(scope="module")
def messages() -> Catalog:
    return catalogues.wanted()


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_a_language_is_complete(language: str, messages: Catalog) -> None:
    missing = catalogues.unfinished(catalogues.kept(language), messages)
    assert missing == [], (
        f"{len(missing)} of {len(messages)}: run python -m tests.house.catalogues and translate"
    )


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_places_for_names_and_numbers_are_the_same(language: str) -> None:
    assert catalogues.wrong_places(catalogues.kept(language)) == []


@pytest.mark.parametrize(("language", "others"), [("zh_Hans", "[가-힣]"), ("nl", "[가-힣一-龥]")])
def test_no_words_of_another_language_got_in(language: str, others: str) -> None:
    """But for names that stand in the English words too."""
    strings = [(str(message.id), str(message.string)) for message in catalogues.kept(language)]
    assert [found for found in strings if set(re.findall(others, found[1])) - set(found[0])] == []


def test_the_languages_are_those_of_the_settings() -> None:
    from django.conf import settings
    from django.utils.translation import to_locale

    assert {to_locale(code) for code, _ in settings.LANGUAGES} == {"en", *catalogues.LANGUAGES}


def test_a_missing_an_unsure_and_a_wrong_translation_are_found() -> None:
    messages, there = Catalog(), Catalog(locale="nl")
    for words in ("Send", "Approve", "Sent to %(name)s"):
        messages.add(words)
    there.add("Send", "Versturen", flags={"fuzzy"})
    there.add("Sent to %(name)s", "Verstuurd naar %(naam)s", flags={"python-format"})
    assert catalogues.unfinished(there, messages) == ["Send", "Approve"]
    assert len(catalogues.wrong_places(there)) == 1
