from __future__ import annotations

from dataclasses import replace

import pytest

from bankside.channels import delivery_states as states
from bankside.channels.delivery_states import GRAPH, INITIAL, GraphBroken, NotThatWay, State, check


def test_the_graph_is_whole() -> None:
    check(GRAPH, INITIAL)
    assert {states.SENT, states.WITHDRAWN} == states.FINAL


@pytest.mark.parametrize(
    ("name", "state", "complaint"),
    [
        ("held", replace(GRAPH["held"], goes_to=frozenset({"lost"})), "no state"),
        ("waiting", replace(GRAPH["waiting"], tries_max=0), "no limit"),
        ("uncertain", replace(GRAPH["uncertain"], late_minutes=0), "no limit"),
        ("uncertain", replace(GRAPH["uncertain"], moved_by="nobody"), "moved by"),
        ("extra", State(goes_to=frozenset({"sent"}), moved_by="desk", tries_max=1), "leads to extra"),
    ],
)
def test_a_broken_graph_is_refused(name: str, state: State, complaint: str) -> None:
    with pytest.raises(GraphBroken, match=complaint):
        check({**GRAPH, name: state}, INITIAL)


def test_a_loop_without_an_end_is_refused() -> None:
    loop = {
        "a": State(goes_to=frozenset({"b"}), moved_by="desk", tries_max=1),
        "b": State(goes_to=frozenset({"a"}), moved_by="desk", tries_max=1),
    }
    with pytest.raises(GraphBroken, match="never ends"):
        check(loop, "a")


def test_what_may_have_been_sent_never_waits_to_be_sent_without_a_look() -> None:
    """From `sending`, the way back to `waiting` is the network's own "later"; doubt goes another way."""
    with pytest.raises(NotThatWay):
        states.refuse_wrong("uncertain", "sending")
    with pytest.raises(NotThatWay):
        states.refuse_wrong("sent", "waiting")
    states.refuse_wrong("sent", "sent")
