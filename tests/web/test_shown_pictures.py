"""Pictures that people show, as staff see them: from the desk's own address, by who may, and recorded."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable

import pytest
from django.test import Client
from PIL import Image

from bankside.channels import pictures
from bankside.inbox.models import Conversation, Message
from bankside.people import staff as people
from bankside.people import teams
from bankside.people.policy import TABLE
from bankside.record.models import Entry, Payload
from tests.scene import Scene
from tests.web.caller import By
from tests.web.conftest import BACKEND

At = Callable[[str], Client]
ALT = 'Foutmelding "7" <b>'


@pytest.fixture
def address(scene: Scene) -> str:
    """Where the one picture is, after a customer has shown it."""
    out = io.BytesIO()
    Image.new("RGB", (120, 80), "navy").save(out, "PNG")
    shown = scene.network.add_picture(out.getvalue())
    scene.network.customer_says("이 화면이 떠요", images=((shown, ALT),))
    scene.later(90)
    row, [file] = Conversation.objects.get(), Message.objects.get().attachments
    return f"/conversations/{row.pk}/pictures/{file['picture']}/"


def test_a_page_shows_it_from_the_desks_own_address(scene: Scene, at: At, address: str) -> None:
    page = at("responder").get(re.sub("pictures/.*", "", address)).content.decode()
    [image] = re.findall(r"<img [^>]+>", page)
    assert f'src="{address}"' in image and 'width="120" height="80" loading="lazy"' in image
    assert 'alt="Foutmelding &#34;7&#34; &lt;b&gt;"' in image
    assert "practice.bankside.example" not in image and page.count("Open it there") == 1


def test_it_is_only_ever_drawn(scene: Scene, at: At, address: str) -> None:
    answer = at("responder").get(address)
    assert answer.status_code == 200 and answer.content.startswith(b"\x89PNG")
    wanted = {
        "Content-Type": "image/png", "X-Content-Type-Options": "nosniff",
        "Content-Disposition": 'inline; filename="picture.png"',
        "Cache-Control": "private, max-age=900, immutable",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
    }  # fmt: skip
    assert {name: answer[name] for name in wanted} == wanted


def test_whoever_gets_it_has_read_it(scene: Scene, at: At, address: str) -> None:
    client = at("responder")
    client.get(re.sub("pictures/.*", "", address), headers={"Bankside-Ahead": "1"})
    readings = Entry.objects.filter(fact="inbox.conversation-read")
    assert not readings.exists(), "what is fetched ahead loads no picture"
    client.get(address)
    client.get(address)
    assert readings.count() == 1
    from bankside.record.projection import payload_of

    assert payload_of(readings.get().n).entries == (Entry.objects.get(fact=pictures.KEPT).rid,)
    at("auditor").get(address)
    assert readings.count() == 2


def test_it_opens_to_those_who_see_the_conversation_alone(scene: Scene, at: At, address: str) -> None:
    assert Client().get(address).status_code in {302, 303}
    for role in scene.people:
        status = at(role).get(address).status_code
        assert (status == 200) == (role in TABLE["conversation.see"]), role
    elsewhere = people.add("elsewhere@hanulbank.example", "Wang Li")
    people.give_role(elsewhere, "responder", team=teams.make("Utrecht", "Europe/Amsterdam"))
    client = Client()
    client.force_login(elsewhere, backend=BACKEND)
    assert client.get(address).status_code == 404
    assert at("responder").post(address).status_code == 405


def test_what_is_not_there_or_belongs_to_another_conversation_is_not_found(
    scene: Scene, at: At, address: str
) -> None:
    scene.network.customer_says("다른 대화입니다", by="liwei")
    scene.later(90)
    other = Conversation.objects.exclude(pk=int(address.split("/")[2])).get().pk
    unknown = re.sub("pictures/.*", f"pictures/{'0' * 32}/", address)
    for wrong in (unknown, re.sub(r"conversations/[0-9]+", f"conversations/{other}", address)):
        assert at("responder").get(wrong).status_code == 404
    Payload.objects.filter(n=Entry.objects.get(fact=pictures.KEPT).n).delete()
    assert at("responder").get(address).status_code == 404


def test_what_could_not_be_fetched_is_said_and_its_link_stays(scene: Scene, at: At) -> None:
    shown = scene.network.add_picture(b"<svg onload=alert(1)>")
    scene.network.customer_says("이 화면이 떠요", images=((shown, ALT),))
    scene.later(90)
    page = at("responder").get(f"/conversations/{Conversation.objects.get().pk}/").content.decode()
    assert "The picture could not be fetched: What lies there is not a whole" in page
    assert "<img" not in page and f'href="{shown}"' in page


def test_while_it_is_fetched_its_place_is_held(scene: Scene, at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    from bankside.networks.contract import Later
    from bankside.networks.practice import Practice

    def away(self: Practice, url: str, bytes_max: int) -> bytes:
        raise Later(600, "away")

    monkeypatch.setattr(Practice, "picture", away)
    scene.network.customer_says("이 화면이 떠요", images=((scene.network.add_picture(b"x"), ALT),))
    scene.later(1)
    scene.later(59)
    page = at("responder").get(f"/conversations/{Conversation.objects.get().pk}/").content.decode()
    assert "The picture is being fetched." in page
    scene.later(600)
    page = at("responder").get(f"/conversations/{Conversation.objects.get().pk}/").content.decode()
    assert "The picture is being fetched." not in page and "not loaded here" in page


def test_a_program_gets_it_too(scene: Scene, by: By, address: str) -> None:
    number = address.split("/")[2]
    said = by("responder").get(f"/conversations/{number}/messages")["items"][0]
    [file] = said["attachments"]
    assert (file["alt"], file["width"]) == (ALT, "120")
    shown = by("responder").get(f"/conversations/{number}/pictures/{file['picture']}")
    assert shown["mime"] == "image/png" and base64.b64decode(shown["content"]).startswith(b"\x89PNG")
    readings = Entry.objects.filter(fact="inbox.conversation-read")
    assert readings.count() == 2, "of the words, and of the picture"
