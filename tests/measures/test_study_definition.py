"""Reading study.toml: texts and options in every shape, and everything that is wrong at once."""

from __future__ import annotations

import pytest

from bankside.measures.study.definition import NoSuchQuestion, words
from bankside.measures.study.read_definition import define, define_text
from bankside.measures.study.trouble import DefinitionWrong
from tests.measures.test_study_reading import TOML


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('"single"', '"singel"', "uses.kind: “singel” is not a kind of question. Did you mean “single”?"),
        ('id = "uses"', 'id = "use us"', "The id of question 1 is missing or not a word."),
        ('id = "team"', 'id = "uses"', "uses: Two questions have the id uses."),
        ('id = "team"', 'id = "sector"', "sector: The word sector has a meaning of its own."),
        ('uses == "yes"', 'uses == "yse"', "networks.base: Character 9: uses has no option “yse”. Did you"),
        ('uses == "yes"', "team > 3", "networks.base: Character 1: The question team comes later"),
        ('["video", "blog", "short"]', "[]", "networks.options: This kind of question needs options."),
        ('["video", "blog", "short"]', '["a", "a"]', "networks.options: The option a stands there twice."),
        ('["video", "blog", "short"]', '["a|b"]', "networks.options: An option is a short word"),
        ("max = 500", 'options = ["1"]', "team.options: A number has no options."),
        ("max = 500", 'max = "500"', "team.max: Only a number has bounds, and they are numbers."),
        ("max = 500", "most = 500", "team: There is no setting “most”."),
        ("year = 2026", "yeer = 2026", "study: There is no setting “yeer”. Did you mean “year”?"),
        ("year = 2026", "population = 0", "study.population: This must be a whole number from 1 to"),
        ("year = 2026", "population = true", "study.population: This must be a whole number from 1 to"),
        ("year = 2026", "suppress = -1", "study.suppress: This must be a whole number from 1 to 100."),
        ('ko = "네트워크"', 'kr = "네트워크"', "study.title: “kr” is not one of the languages."),
        ('title = {en = "Networks", ko = "네트워크"}', "", "study.title: This is missing."),
        ("[study]", "[study", "This is not TOML"),
    ],
)  # fmt: skip
def test_a_definition_that_is_wrong(old: str, new: str, line: str) -> None:
    assert old in TOML
    with pytest.raises(DefinitionWrong) as caught:
        define_text(TOML.replace(old, new, 1))
    assert any(line in trouble.line for trouble in caught.value.troubles), str(caught.value)
    assert all(trouble.line.startswith("study.toml") for trouble in caught.value.troubles)


def test_a_definition_without_questions() -> None:
    with pytest.raises(DefinitionWrong, match="at least one"):
        define_text('title = "Nothing"')


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(DefinitionWrong) as caught:
        define_text(TOML.replace('"single"', '"singel"').replace("max = 500", "most = 500"))
    assert len(caught.value.troubles) == 2


def test_texts_and_options_in_every_shape() -> None:
    definition = define({
        "title": "Plain", "question": [
            {"id": "a", "kind": "single", "options": {"x": "Ex", "y": {"en": "Why", "nl": "Ei"}}},
            {
                "id": "b", "kind": "multi", "text": "B?",
                "options": ["p", {"id": "q", "en": "Queue", "zh-CN": "队"}],
            },
        ],
    })  # fmt: skip
    assert words(definition.title, "ko") == "Plain"
    assert words(definition.question("a").options[1].texts, "nl") == "Ei"
    assert words(definition.question("b").options[1].texts, "zh-Hans") == "队"
    assert words(definition.question("b").texts, "nl") == "B?"
    assert definition.languages == ("en", "zh-Hans", "nl")
    with pytest.raises(NoSuchQuestion):
        definition.question("c")
