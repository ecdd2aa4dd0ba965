"""Who else is reading: two people on one conversation see each other before they write the same answer."""

from __future__ import annotations

from bankside.inbox.models import Conversation
from bankside.people import staff as people
from bankside.people.models import Staff
from bankside.record import clock, reading

READING_SECONDS = 120
READERS_MAX = 5
OPENINGS_MAX = 50


def readers(staff: Staff, conversation: Conversation) -> tuple[people.StaffName, ...]:
    """Others who opened it within two minutes, the latest first; at most five.

    It rests on the record of readings alone: nobody is watched who does not show on it anyway.
    """
    since_ms = clock.now_ms() - READING_SECONDS * 1000
    openings = reading.entries(
        fact="inbox.conversation-read", obj=conversation.obj, since_ms=since_ms, limit=OPENINGS_MAX
    )
    actors = dict.fromkeys(opening.actor for opening in openings if opening.actor != staff.actor)
    uids = [actor.removeprefix("u:") for actor in actors][:READERS_MAX]
    names = people.named(uids)
    return tuple(names[uid] for uid in uids if uid in names)
