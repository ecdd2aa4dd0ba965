"""What became of a call to a network, in one word and with what a person may need to see."""

from __future__ import annotations

from typing import Any

from bankside.networks import contract
from bankside.said import Said


class LeaseLost(Exception):
    """The worker slept so long before it called that another one may be at it: it does not call."""


def said(result: Any) -> tuple[str, str]:
    """The outcome of a call in one word, and the evidence that a person may need to see."""
    match result:
        case contract.Receipt():
            return ("pending" if result.pending else "there"), f"{result.remote_id} {result.url}".strip()
        case None:
            return "not-there", Said("Looked up; it is not there.")
        case contract.Later() | contract.Reconnect() | contract.Uncertain() | contract.Refused():
            return type(result).__name__.lower(), str(result)
        case LeaseLost() | contract.NotOffered():
            return "not-called", str(result)
        case _:  # a mistake of ours or an answer nobody understands: it may have gone out
            return "unclear", f"{type(result).__name__}: the answer could not be understood."
