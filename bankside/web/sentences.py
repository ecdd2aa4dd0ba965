"""What happened, said in a few words: one sentence per fact, one word per state. No decisions, no content.

A sentence begins with the verb, because whoever did it stands in the column before it. Nothing here
is taken from a payload: the list of the record shows what the leaf shows, and the leaf names nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FACTS: Final[Mapping[str, str | Promise]] = {
    "approvals.approval-asked": _("Asked a second person to agree to exact words"),
    "approvals.approval-given": _("Approved exact words"),
    "approvals.approval-void": _("Approval fell away"),
    "approvals.policy-consent": _("Agreed by policy, nobody was asked"),
    "approvals.sent-back": _("Sent words back"),
    "channels.access-ending": _("Saw that the access to an account ends soon"),
    "channels.activity-changed": _("Received a change of something said on a network"),
    "channels.activity-received": _("Received something said on a network"),
    "channels.activity-removed": _("Saw that something is gone from a network"),
    "channels.attempt-started": _("Began to send"),
    "channels.capabilities-changed": _("Saw that a network allows something else than before"),
    "channels.channel-connected": _("Connected a channel"),
    "channels.channel-paused": _("Paused a channel"),
    "channels.channel-removed": _("Removed a channel"),
    "channels.channel-resumed": _("Let a channel run again"),
    "channels.channel-stopped": _("Stopped a channel, its network refuses the sign-in"),
    "channels.counts-read": _("Read the counts of a post"),
    "channels.delivery-delayed": _("Will send later"),
    "channels.delivery-refused": _("Words were refused"),
    "channels.delivery-requested": _("Asked for words to be sent"),
    "channels.delivery-uncertain": _("Cannot tell whether words went out"),
    "channels.delivery-withdrawn": _("Took words back before they went out"),
    "channels.desk-frozen": _("Froze the desk, nothing goes out"),
    "channels.desk-unfrozen": _("Let words go out again"),
    "channels.doubt-decided": _("Looked, and decided what became of words"),
    "channels.gap-repaired": _("Found by asking what no message had brought"),
    "channels.handed-over": _("Gave approved words to a person, to be posted by hand"),
    "channels.older-version-found": _("Found an older version of something said on a network"),
    "channels.picture-kept": _("Fetched a picture that somebody shows, and drew it again"),
    "channels.picture-missed": _("Could not fetch a picture that somebody shows"),
    "channels.post-published": _("Words are out, the network confirmed it"),
    "channels.posted-by-hand": _("Posted approved words by hand, and showed where they stand"),
    "channels.reconciled": _("Read a channel again, to see whether anything was missed"),
    "inbox.conversation-assigned": _("Gave a conversation to somebody"),
    "inbox.conversation-closed": _("Closed a conversation"),
    "inbox.conversation-read": _("Opened a conversation"),
    "inbox.conversation-fetched": _("Had a conversation fetched ahead"),
    "inbox.conversation-reopened": _("Opened a conversation again"),
    "inbox.message-triaged": _("Sorted a message"),
    "inbox.note-written": _("Wrote a note"),
    "inbox.reply-withdrawn": _("Took an answer back"),
    "inbox.reply-written": _("Wrote an answer"),
    "people.role-given": _("Gave somebody a role"),
    "people.role-taken": _("Took a role from somebody"),
    "people.signed-in": _("Signed in"),
    "people.staff-added": _("Added somebody to the staff"),
    "people.staff-left": _("Ended somebody's access"),
    "people.team-made": _("Made a team"),
    "people.token-ended": _("Ended a token"),
    "people.token-made": _("Made a token"),
    "publish.post-discarded": _("Threw a draft away"),
    "publish.post-edited": _("Changed words after asking for approval"),
    "publish.post-scheduled": _("Planned a post"),
    "publish.post-submitted": _("Put a version before a second person"),
    "publish.post-unscheduled": _("Took a planned post off the plan"),
    "record.entry-read": _("Opened the words of an entry"),
    "record.verified": _("Checked the whole record"),
    "rewards.act-reported": _("Heard from the bank's system that a member took part"),
    "rewards.appeal-answered": _("Answered a member"),
    "rewards.appeal-made": _("Said that points are wrong"),
    "rewards.batch-posted": _("Posted points"),
    "rewards.card-activated": _("Put a card into use"),
    "rewards.card-asked": _("Asked for a card"),
    "rewards.card-bound": _("Tied a card to the bank's token service"),
    "rewards.card-decided": _("Looked at what is to be printed"),
    "rewards.card-ended": _("Ended a card"),
    "rewards.cards-ordered": _("Ordered cards from the bureau"),
    "rewards.code-switched": _("Turned the code on a card on or off"),
    "rewards.codes-imported": _("Brought codes of a partner"),
    "rewards.consent-given": _("Agreed to a purpose"),
    "rewards.consent-withdrawn": _("Took an agreement back"),
    "rewards.file-made": _("Made a file for the bank's systems"),
    "rewards.flag-decided": _("Decided about points that waited"),
    "rewards.flag-raised": _("Held points back for a person"),
    "rewards.interests-declared": _("Declared interests"),
    "rewards.member-joined": _("Took a member into the programme"),
    "rewards.member-left": _("Let a member leave the programme"),
    "rewards.member-paused": _("Paused a member"),
    "rewards.member-resumed": _("Let a member go on"),
    "rewards.offer-added": _("Put an offer on a card"),
    "rewards.offer-moved": _("Moved an offer on, by a payment"),
    "rewards.payments-taken": _("Took card payments in"),
    "rewards.points-redeemed": _("Spent points"),
    "rewards.profile-linked": _("Linked a profile to a member"),
    "rewards.profile-switched": _("Turned the counting of a profile on or off"),
    "rewards.profile-unlinked": _("Unlinked a profile"),
    "rewards.programme-approved": _("Agreed to a programme"),
    "rewards.programme-began": _("Put a programme in force"),
    "rewards.programme-ended": _("Ended a programme"),
    "rewards.redemption-undone": _("Gave spent points back"),
}

ROOMS: Final[Mapping[str, str | Promise]] = {
    "approvals": _("Approvals"),
    "channels": _("Networks"),
    "inbox": _("Inbox"),
    "people": _("People"),
    "publish": _("Publish"),
    "record": _("Record"),
    "rewards": _("Card"),
}

ROLES: Final[Mapping[str, str | Promise]] = {
    "author": _("Author"),
    "approver": _("Approver"),
    "responder": _("Responder"),
    "reviewer": _("Reviewer"),
    "compliance": _("Compliance"),
    "records-officer": _("Records officer"),
    "key-custodian": _("Key custodian"),
    "auditor": _("Auditor"),
    "administrator": _("Administrator"),
}

ACTS: Final[Mapping[str, str | Promise]] = {
    "channel.see": _("see the networks"),
    "channel.connect": _("connect, pause or remove networks"),
    "desk.freeze": _("stop everything that goes out"),
    "desk.unfreeze": _("let things go out again"),
    "post.see": _("see posts"),
    "post.write": _("write posts"),
    "post.submit": _("submit posts"),
    "post.approve": _("approve posts"),
    "post.schedule": _("say when posts go out"),
    "delivery.decide": _("decide what became of a delivery"),
    "delivery.by-hand": _("post approved words by hand"),
    "conversation.see": _("see conversations"),
    "conversation.reply": _("answer people"),
    "conversation.assign": _("assign conversations"),
    "conversation.note": _("write notes"),
    "conversation.close": _("close conversations"),
    "reply.approve": _("approve answers"),
    "record.see": _("see the record"),
    "record.read": _("read the words in the record"),
    "staff.see": _("see who works here"),
    "staff.manage": _("add people and give roles"),
    "token.create": _("make tokens for programs"),
    "member.see": _("see members and their cards"),
    "member.manage": _("let members in, pause or remove them"),
    "card.decide": _("decide what is printed on cards"),
    "card.order": _("order cards from the bureau"),
    "programme.write": _("write programmes"),
    "programme.approve": _("approve programmes"),
    "offer.see": _("see programmes and offers"),
    "review.see": _("see what has to be reviewed"),
    "review.decide": _("decide whether points settle"),
    "review.second": _("agree that points are taken back"),
    "liability.see": _("see what points are owed"),
    "values.export": _("export what members received in a year"),
    "spending.manage": _("send what members spent to the bank's systems"),
}


def of_fact(name: str) -> str | Promise:
    """The sentence of a fact, or its own name when the desk has no words for it yet."""
    return FACTS.get(name, name)


def of_story(what: str) -> str | Promise:
    """The sentence of a fact that is known by its name without the room, as the story of a post keeps it."""
    return next((said for name, said in FACTS.items() if name.partition(".")[2] == what), what)
