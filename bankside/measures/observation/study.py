"""An observation as a study like the others: which institution uses which networks, and what it does there.

Cells hold only what was seen: an institution of which no page could be looked at has empty cells and is
outside every base; one of which pages were seen and no account was found answers `-`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from bankside.channels.places import KnownPlace
from bankside.measures.observation import post_questions
from bankside.measures.observation.institution import Account, Institution, networks
from bankside.measures.observation.posts import Activity
from bankside.measures.study import read_definition
from bankside.measures.study.responses import Study, from_records

DEFINITION_FILE: Final = "study.toml"
RESPONSES_FILE: Final = "responses.csv"
EVIDENCE_FILE: Final = "evidence.jsonl"
NONE_CHOSEN: Final = "-"
Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What was seen of one institution. `pages`: how many of its own were looked at; `posts` by network."""

    who: Institution
    pages: int
    accounts: tuple[Account, ...]
    posts: Mapping[str, Activity] | None = None


def definition(
    places: Sequence[KnownPlace],
    *,
    title: str,
    year: str,
    with_posts: bool = False,
    posts_on: Iterable[str] = (),
    population: int | None = None,
) -> dict[str, Any]:
    """What stands in study.toml: the questions that the pages, and posts if there are any, can answer.

    `posts_on`: the networks on which posts were read.
    """
    head: dict[str, Any] = {
        "title": title, "year": year,
        "unit": {"en": "institutions", "ko": "기관", "zh-Hans": "机构", "nl": "instellingen"},
    }  # fmt: skip
    if population:
        head["population"] = population
    named = [{"id": place.network, "text": place.title} for place in places]
    questions = [
        {"id": "networks", "kind": "multi", "options": named, "text": USED},
        {"id": "faint", "kind": "multi", "options": named, "text": FAINT},
        {"id": "accounts", "kind": "number", "min": 0, "text": HOW_MANY},
        {"id": "closed", "kind": "single", "options": ["yes", "no"], "text": STILL_LINKED},
        {"id": "imitated", "kind": "single", "options": ["yes", "no"], "text": IMITATED},
    ]
    of_posts = post_questions.questions(places, posts_on) if with_posts else []
    return {"study": head, "question": questions + of_posts}


def study_of(observed: Iterable[Observed], told: Mapping[str, Any]) -> Study:
    """The same in memory. Raises DefinitionWrong, ResponsesWrong as any study does."""
    return from_records(read_definition.define(told, DEFINITION_FILE), [record(one) for one in observed])


def record(one: Observed) -> dict[str, str]:
    """One row of responses.csv by the names of its columns."""
    row = {"institution": one.who.name, "sector": one.who.sector}
    if one.pages:
        own = [account for account in one.accounts if account.own and "dead" not in account.flags]
        sure = {account.network for account in own if "faint" not in account.flags}
        row["networks"] = _chosen(networks(own))
        row["faint"] = _chosen(set(networks(own)) - sure)
        row["accounts"] = str(len(own))
        row["closed"] = (
            "yes" if any({"closed", "dead"} & set(a.flags) for a in one.accounts if a.own) else "no"
        )
        row["imitated"] = "yes" if any("look-alike" in account.flags for account in one.accounts) else "no"
    return row | (post_questions.cells(one.posts) if one.posts is not None else {})


def write(
    observed: Sequence[Observed], told: Mapping[str, Any], folder: Path, more: Iterable[str] = ()
) -> None:
    """study.toml, responses.csv and evidence.jsonl in a folder, after reading them as a study.

    `more`: further lines of evidence.
    """
    study_of(observed, told)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DEFINITION_FILE).write_text(toml(told), encoding="utf-8")
    (folder / RESPONSES_FILE).write_text(responses(observed, told), encoding="utf-8")
    with (folder / EVIDENCE_FILE).open("wb") as stream:
        for line in evidence(observed):
            stream.write(line + b"\n")
        for text in more:
            stream.write(text.encode() + b"\n")


def responses(observed: Iterable[Observed], told: Mapping[str, Any]) -> str:
    """The text of responses.csv."""
    names = ["institution", "sector", *(question["id"] for question in told["question"])]
    text = io.StringIO()
    rows = csv.DictWriter(text, names, restval="", lineterminator="\n")
    rows.writeheader()
    rows.writerows(record(one) for one in observed)
    return text.getvalue()


def evidence(observed: Iterable[Observed]) -> Iterable[bytes]:
    """A line of JSON for every account that was seen, also those that do not count, with all its traces."""
    for one in observed:
        for account in one.accounts:
            yield msgspec.json.encode({"institution": one.who.name, "own": account.own, "account": account})


def toml(told: Mapping[str, Any]) -> str:
    """The text of study.toml. Texts are quoted as JSON, which TOML reads the same."""
    lines = ["[study]", *(f"{key} = {_value(value)}" for key, value in told["study"].items())]
    for question in told["question"]:
        lines += ["", "[[question]]", *(f"{key} = {_value(value)}" for key, value in question.items())]
    return "\n".join([*lines, ""])


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(k)} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        inner = "".join(f"\n  {_value(one)}," for one in value)
        return f"[{inner}\n]" if any(isinstance(one, dict) for one in value) else json.dumps(value)
    return json.dumps(value, ensure_ascii=False)


def _chosen(names: Iterable[str]) -> str:
    return "|".join(sorted(names)) or NONE_CHOSEN


USED: Final[Texts] = {
    "en": "Networks on which it has an account, as its own pages show",
    "ko": "자체 웹페이지에서 확인되는 계정 보유 네트워크",
    "zh-Hans": "其网页显示拥有账号的网络",
    "nl": "Netwerken waarop het volgens de eigen pagina's een account heeft",
}
FAINT: Final[Texts] = {
    "en": "Of these, networks of which there are only faint traces",
    "ko": "그중 흔적만 확인되는 네트워크",
    "zh-Hans": "其中仅有微弱迹象的网络",
    "nl": "Netwerken daarvan waarvan alleen vage sporen zijn",
}
HOW_MANY: Final[Texts] = {
    "en": "Accounts of its own", "ko": "자체 계정 수", "zh-Hans": "自有账号数量", "nl": "Eigen accounts",
}  # fmt: skip
STILL_LINKED: Final[Texts] = {
    "en": "Still links to an account that is gone",
    "ko": "더 이상 존재하지 않는 계정에 연결하고 있음",
    "zh-Hans": "仍链接到已不存在的账号",
    "nl": "Verwijst nog naar een account dat er niet meer is",
}
IMITATED: Final[Texts] = {
    "en": "An account that looks like one of its own was seen",
    "ko": "자체 계정과 비슷해 보이는 계정이 발견됨",
    "zh-Hans": "发现与其账号相似的账号",
    "nl": "Er is een account gezien dat op een eigen account lijkt",
}
