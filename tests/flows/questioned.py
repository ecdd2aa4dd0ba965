"""Studies on a desk that runs: `-m tests.flows.questioned nl`.

Two published waves of a questionnaire among 18 invented institutions, an open study with somebody who
answers, and one who may manage them. Prints JSON: the link of an institution, and how that person signs in.
"""

from __future__ import annotations

import json
import random
import sys
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from bankside.measures.models import Respondent, Study
    from bankside.people.models import Staff

EMAIL, PASSWORD = "study.author@hanulbank.example", "a study of eighteen institutions"
SECTORS = ("bank",) * 9 + ("investment",) * 5 + ("insurance",) * 4
US = "Hanul Bank"


def main() -> None:
    django.setup()
    from bankside.measures import invitations, studies
    from bankside.measures.invitations import Invited
    from bankside.people import staff as people

    author = people.add(EMAIL, "Pieter Smit", role="author", password=PASSWORD, language=sys.argv[1])
    first = _published(author, 1, "")
    _published(author, 2, first.obj)
    open_now = studies.open_study(author, studies.create(author, studies.sample()).obj)
    wanted = [
        Invited("Oosterbank", "bank", sys.argv[1]),
        Invited("Kustverzekering", "insurance", "nl"),
        Invited("한빛투자", "investment", "ko"),
        Invited("南山保险", "insurance", "zh-hans"),
    ]
    rows = invitations.invite(author, open_now.obj, wanted)
    _begin(rows)
    link = invitations.token_of(rows[0])
    said = {
        "link": f"/s/{link}/", "email": EMAIL, "password": PASSWORD, "open": open_now.obj, "first": first.obj,
        "institution": rows[0].obj, "looking": _looking(author),
    }  # fmt: skip
    sys.stdout.write(json.dumps(said))


def _looking(author: Staff) -> str:
    """Two of four institutions were looked at; the desk of a test does not go on."""
    from bankside.measures import study_looking
    from bankside.measures.models import Looking

    lines = "".join(
        f"{name} Bank; bank; https://{name.lower()}.example/\n" for name in ("Noord", "Oost", "Zuid", "West")
    )
    row = study_looking.start(author, title="Networks of four banks", lines=lines)
    seen = [
        {"name": f"{name} Bank", "pages": 4, "record": {}, "evidence": ["", ""]} for name in ("Noord", "Oost")
    ]
    Looking.objects.filter(pk=row.pk).update(seen=seen, state=Looking.STOPPED)
    return row.obj


def _published(author: Staff, seed: int, earlier: str) -> Study:
    from bankside.measures import studies, study_imports, study_reports

    text = studies.sample().replace("2026", str(2024 + seed))
    made = studies.open_study(author, studies.create(author, text).obj)
    study_imports.take(author, made.obj, answers(seed).encode(), "responses.csv")
    studies.set_up(author, made.obj, us=US, anonymous=True, earlier=earlier)
    studies.close(author, made.obj)
    return study_reports.publish(author, made.obj)


def _begin(rows: list[Respondent]) -> None:
    from bankside.measures import study_answers
    from bankside.measures.studies import definition_of

    study_answers.save(rows[1], {"uses": "yes", "networks": "blog|chat"})
    study_answers.save(rows[2], {"uses": "no", "value": "3"})
    study_answers.finish(rows[2], definition_of(rows[2].study))


def answers(seed: int) -> str:
    """responses.csv of the sample study."""
    chance = random.Random(seed)
    lines = ["institution,sector,uses,networks,purpose,people,hours,value,worry"]
    for place, sector in enumerate(SECTORS):
        name = US if place == 0 else f"Institution {place + 1}"
        uses = "yes" if chance.random() < 0.6 + 0.12 * seed else chance.choice(["planned", "no"])
        cells = [name, sector, uses, *(_using(chance) if uses == "yes" else [""] * 4)]
        cells += [str(chance.randint(2, 5)), _some(chance, ["security", "rules", "name", "effort"])]
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


def _using(chance: random.Random) -> list[str]:
    purpose = _some(chance, ["contact", "relations", "information", "brand"])
    hours = chance.choice(["office", "longer", "always"]) if "contact" in purpose else ""
    networks = _some(chance, ["blog", "video", "short", "friends", "work", "chat"])
    return [networks, purpose, str(chance.randint(1, 20)), hours]


def _some(chance: random.Random, options: list[str]) -> str:
    return "|".join(one for one in options if chance.random() < 0.55) or "-"


if __name__ == "__main__":
    main()
