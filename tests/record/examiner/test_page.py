"""The examiner's page as a file: it can load nothing, and says everything in four languages."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode

from bankside.record.examiner import page as pages

SENTENCE = re.compile(r'"([A-Z{][^"\\]* [^"\\]*|[A-Z][a-z]+)"')
NOT_SAID = {"English", "Nederlands"}
BYTES_MAX = 150_000


def sentences() -> set[str]:
    """Every sentence in the scripts and in the page, but for the table of words itself."""
    scripts = [name for name in (*pages.CHECKS, *pages.PAGE) if name != "words.js"]
    found = {one for name in scripts for one in SENTENCE.findall(pages._read(name))}
    return (found | set(re.findall(r'data-say="([^"]+)"', pages._read("page.html")))) - NOT_SAID


def words() -> dict[str, list[str]]:
    """The table: each sentence with its three translations."""
    lines = re.findall(r'^  "([^"]+)": \[(.*)\],$', pages._read("words.js"), re.M)
    return {english: re.findall(r'"([^"]*)"', rest) for english, rest in lines}


def test_every_sentence_is_there_in_four_languages_and_none_too_many() -> None:
    table = words()
    assert sentences() == set(table)
    for english, others in table.items():
        places = sorted(re.findall(r"{\w+}", english))
        assert len(others) == 3 and all(others), english
        assert [sorted(re.findall(r"{\w+}", one)) for one in others] == [places] * 3, english


def test_the_policy_of_the_page_allows_its_own_script_and_style_and_nothing_else() -> None:
    text = pages.page().decode()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    rules = dict(rule.strip().split(" ", 1) for rule in policy[1].split(";"))
    for name, tag in (("script-src", "script"), ("style-src", "style")):
        [inside] = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.S)
        digest = b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert rules.pop(name) == f"'sha256-{digest}'"
    assert rules == {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'"}


def test_nothing_in_it_could_ask_for_anything() -> None:
    text = pages.page().decode()
    for word in (
        "fetch(",
        "XMLHttpRequest",
        "WebSocket",
        "import(",
        "eval(",
        "innerHTML",
        "src=",
        "href=",
        "http:",
        "https:",
    ):
        assert word not in text, word
    assert "{{" not in text and text.count("</script>") == 1 and len(text) < BYTES_MAX
    assert pages.page() is pages.page()
