"""A study in the desk, for tests: people, a small text, institutions, answers."""

from __future__ import annotations

from bankside.measures import invitations, studies, study_answers
from bankside.measures.invitations import Invited
from bankside.measures.models import Respondent, Study
from bankside.people.models import Staff
from tests.people.team import person

TEXT = """
[study]
title = {en = "Networks of banks", ko = "은행의 네트워크", zh = "银行的网络", nl = "Netwerken van banken"}
year = 2026

[[question]]
id = "uses"
kind = "single"
text = {en = "Do you use networks?", ko = "네트워크를 쓰십니까?", zh = "使用网络吗？", nl = "Gebruikt u ze?"}
options = [{id = "yes", en = "Yes", nl = "Ja"}, {id = "no", en = "No", nl = "Nee"}]

[[question]]
id = "networks"
kind = "multi"
base = 'uses == "yes"'
text = {en = "Which?", nl = "Welke?"}
options = [{id = "blog", en = "Blog"}, {id = "video", en = "Film"}, {id = "chat", en = "Chat"}]

[[question]]
id = "people"
kind = "number"
min = 0
max = 500
base = 'uses == "yes"'
text = "How many people?"

[[question]]
id = "value"
kind = "scale"
options = [1, 2, 3, 4, 5]
text = "How useful?"
"""
NAMES = ("Hanul Bank", "Noord Bank", "Zuid Invest", "Oost Verzekering", "West Bank", "Meer Bank")
CSV = """institution,sector,uses,networks,people,value
Hanul Bank,bank,yes,blog|video,12,5
Noord Bank,bank,yes,blog,3,4
Zuid Invest,investment,no,,,2
Oost Verzekering,insurance,yes,-,1,3
West Bank,bank,yes,video|chat,7,
Meer Bank,bank,no,,,1
"""


def author() -> Staff:
    """Somebody who may manage studies."""
    return person("author")


def draft(staff: Staff, text: str = TEXT) -> Study:
    return studies.create(staff, text)


def opened(staff: Staff, text: str = TEXT) -> Study:
    """A study that takes answers."""
    return studies.open_study(staff, draft(staff, text).obj)


def invited(staff: Staff, study: Study, *names: str, **how: str) -> list[Respondent]:
    """Institutions with a link each."""
    sector, language, email = how.get("sector", "bank"), how.get("language", "en"), how.get("email", "")
    wanted = [Invited(name, sector, language, email) for name in names]
    return invitations.invite(staff, study.obj, wanted)


def answered(row: Respondent, **cells: str) -> Respondent:
    """What somebody with the link answered, finished."""
    study_answers.save(row, cells)
    return study_answers.finish(row, studies.definition_of(row.study))


def again(row: Respondent) -> Respondent:
    return Respondent.objects.select_related("study").get(pk=row.pk)
