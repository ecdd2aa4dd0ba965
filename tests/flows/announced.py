"""The bank begins a thread on a desk that runs: `-m tests.flows.announced nl "Words."`.

Two people agree, as always; the worker sends it. Prints the number of the delivery when it is out.
"""

from __future__ import annotations

import sys
import time

import django

SENT_SECONDS_MAX = 60


def main() -> None:
    django.setup()
    from bankside.approvals import consent, requests
    from bankside.channels import delivery
    from bankside.channels import words as exact
    from bankside.channels.models import Channel, Delivery
    from bankside.record import clock
    from bankside.record.facts.channels import Words
    from bankside.record.ids import new_id
    from tests.rewards import living

    lang, text = sys.argv[1:]
    channel, author, (approver, _) = Channel.objects.get(), living.author(), living.approvers()
    said = Words(text=text, lang=lang)
    digest = exact.digest(channel.obj, said)
    asked = requests.ask(
        kind="post", thing=new_id(), version=new_id(), author=author, editor=author,
        words=[(channel.obj, digest)], team=None,
    )  # fmt: skip
    [given] = consent.give(approver, asked, words=[(channel.obj, digest)])
    made = delivery.request(
        channel=channel, purpose="post", about=given.thing, version=given.version, words=said, digest=digest,
        consent=given, due_ms=clock.now_ms(), requested_by=author,
    )  # fmt: skip
    until = time.monotonic() + SENT_SECONDS_MAX
    while not (sent := Delivery.objects.get(pk=made.pk)).remote_id:
        assert time.monotonic() < until, f"{sent.state} after {SENT_SECONDS_MAX} s"
        time.sleep(0.2)
    sys.stdout.write(sent.remote_id)


if __name__ == "__main__":
    main()
