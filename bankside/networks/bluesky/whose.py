"""Whose account it is on Bluesky, by the directory: a server's own word about whom it keeps is not taken.

A name counts only when both agree: the name leads to the account, and the account carries the name.
"""

from __future__ import annotations

import re

import msgspec

from bankside.networks.bluesky.said import APP, ms_of
from bankside.networks.bluesky.xrpc import Server, understood
from bankside.networks.contract import Gone, Refused
from bankside.networks.markup import web_address
from bankside.networks.whose import Named, Profile
from bankside.networks.wire import Wire
from bankside.said import Said

NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
NAME_CHARACTERS_MAX = 253
IN_DIRECTORY = "did:plc:"
KEEPS = "#atproto_pds"


def named(typed: str) -> Named:
    """A name, with or without @, the address of a profile, or a did. Raises Refused."""
    name = typed.strip().removeprefix(f"{APP}/profile/").partition("/")[0].removeprefix("@")
    if name.startswith(IN_DIRECTORY):
        return Named(account=name, settings={"identifier": name})
    name = name.lower()
    if len(name) > NAME_CHARACTERS_MAX or not NAME.fullmatch(name):
        raise Refused(Said("Give the name as it stands on the profile, for example minji.example."))
    return Named(account=name, settings={"identifier": name})


def home(wire: Wire, settings: dict[str, str], did: str) -> str:
    """The server that keeps an account, by the directory. Raises Refused where it does not tell."""
    directory = settings.get("directory", "").rstrip("/")
    if not (directory and did.startswith(IN_DIRECTORY)):
        raise Refused(Said("The directory of Bluesky does not tell where this account is kept."))
    document = understood(wire.get(f"{directory}/{did}"), _Document)
    at = [s.service_endpoint for s in document.service if s.id.endswith(KEEPS)]
    if not (at and web_address(at[0])):
        raise Refused(Said("The directory of Bluesky does not tell where this account is kept."))
    return at[0].rstrip("/")


def profile(wire: Wire, server: Server, settings: dict[str, str], did: str) -> Profile:
    """The account as its server shows it, with its name when that leads back to it."""
    told = server.find("com.atproto.repo.describeRepo", _Repo, {"repo": did}, frozenset({"RepoNotFound"}))
    if told is None or told.did != did:
        raise Gone(Said("This account is not on its server any more."))
    handle = f"@{told.handle}" if told.handle_is_correct else did
    return Profile(
        remote_id=did, handle=handle, url=f"{APP}/profile/{did}", since_ms=_since(wire, settings, did)
    )


def _since(wire: Wire, settings: dict[str, str], did: str) -> int:
    """When the account was entered in the directory, UTC ms."""
    answer = wire.get(f"{settings.get('directory', '').rstrip('/')}/{did}/log/audit", also=(404,))
    entries = understood(answer, list[_Entry]) if answer.status == 200 else []
    return min((ms_of(entry.created_at) for entry in entries), default=0)


# --- what they answer ------------------------------------------------------------------------------------
class _Service(msgspec.Struct, rename="camel"):
    id: str
    service_endpoint: str


class _Document(msgspec.Struct):
    service: list[_Service] = []


class _Repo(msgspec.Struct, rename="camel"):
    did: str
    handle: str
    handle_is_correct: bool = False


class _Entry(msgspec.Struct, rename="camel"):
    created_at: str = ""
