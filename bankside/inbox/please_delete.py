"""The answer that is laid ready when somebody wrote a number that nobody may see: please delete your post.

It is only a suggestion. A person sends it, changes it or leaves it, and it needs the same consent as any
other answer. The words are the customer's language, not the reader's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bankside.inbox import answering
from bankside.inbox.arriving import ASKS
from bankside.inbox.models import Message
from bankside.inbox.reading import Line

SETTLED: Final = frozenset({"", answering.SENT, answering.WITHDRAWN, answering.SENT_BACK, answering.REFUSED})

PUBLIC: Final = {
    "en": "For your safety, please delete your post: it holds a number that nobody else should see. "
    "We have not kept it. We never ask for such numbers here.",
    "ko": "고객님의 안전을 위해 작성하신 글을 삭제해 주세요. "
    "다른 사람이 보아서는 안 되는 번호가 들어 있습니다. "
    "저희는 이 번호를 보관하지 않았습니다. 이곳에서 이런 번호를 여쭙지 않습니다.",
    "zh": "为了您的安全，请删除您发布的内容：其中含有不应让他人看到的号码。"
    "我们没有保存该号码，也不会在这里向您索要此类号码。",
    "nl": "Verwijder voor uw veiligheid uw bericht: er staat een nummer in dat niemand anders mag zien. "
    "Wij hebben het niet bewaard. Wij vragen hier nooit om zulke nummers.",
}
PRIVATE: Final = {
    "en": "For your safety, please delete the message with your number. We have not kept it, and we never "
    "ask for such numbers in messages.",
    "ko": "고객님의 안전을 위해 번호가 들어 있는 메시지를 삭제해 주세요. 저희는 이 번호를 보관하지 않았으며, "
    "메시지로 이런 번호를 여쭙지 않습니다.",
    "zh": "为了您的安全，请删除含有号码的那条消息。我们没有保存该号码，也不会通过消息向您索要此类号码。",
    "nl": "Verwijder voor uw veiligheid het bericht met uw nummer. Wij hebben het niet bewaard en vragen "
    "nooit in berichten om zulke nummers.",
}


def suggested(lines: Sequence[Line], lang: str, hidden: str) -> str:
    """The answer to the newest of these lines that shows such a number, in its language or else `lang`.

    "" where none is asked: nothing is marked in the conversation (`hidden`), or an answer is on its way.
    """
    said = [one for one in lines if one.kind == "message"]
    if not hidden or any(one.way == Message.OUT and one.state not in SETTLED for one in said):
        return ""
    shown = (one for one in said if one.way == Message.IN and not one.removed_at and not one.erased)
    asked = (one for one in shown if ASKS.intersection(one.red))
    newest = max(asked, key=lambda one: max(one.at, one.edited_at), default=None)
    if newest is None:
        return ""
    words = PRIVATE if newest.private else PUBLIC
    return words.get((newest.lang or lang).split("-")[0].lower(), words["en"])
