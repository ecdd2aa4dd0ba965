"""Pictures that people show: whatever lies at their address, the desk keeps a drawing or a sentence."""

from __future__ import annotations

import hashlib
import io
import socket
import struct
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bankside.channels import pictures
from bankside.channels.models import Channel
from bankside.inbox.models import Message
from bankside.inbox.projections import INBOX
from bankside.networks.catalogue import NetworkData
from bankside.networks.contract import Connector, Later
from bankside.networks.practice import Practice
from bankside.networks.wire import Wire
from bankside.record import audit, clock, rebuild
from bankside.record.append import entry_of
from bankside.record.models import Entry, Job, Payload, Subject
from bankside.record.projection import payload_of
from tests.networks.hostile import says, serving
from tests.scene import NOW, Scene

pytestmark = pytest.mark.django_db
ALT = "앱의 오류 화면"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_FOLDER = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def scene(tmp_path: Path, folder: Path) -> Iterator[Scene]:
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")


def files(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_file()]


def png(size: tuple[int, int] = (60, 40), color: str = "navy", **extra: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, "PNG", **extra)
    return out.getvalue()


def photograph() -> bytes:
    """A JPEG that says where and with what it was taken, and that carries a page behind its end."""
    exif, out = Image.Exif(), io.BytesIO()
    exif[0x010F] = "Camera of Kim Mina"
    exif.get_ifd(0x8825).update({1: "N", 2: (37.0, 33.0, 59.0), 3: "E", 4: (126.0, 58.0, 40.0)})
    Image.new("RGB", (3000, 2000), "tan").save(out, "JPEG", exif=exif, comment=b"Seoul, Jongno-gu")
    return out.getvalue() + b"<script>alert(document.cookie)</script>"


def bomb() -> bytes:
    """A PNG of a few kilobytes that promises 30,000 x 30,000 pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000_000)
    return PNG + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def show(scene: Scene, *contents: bytes, text: str = "화면이 이래요") -> str:
    """A customer shows pictures; the id of what she wrote."""
    shown = tuple((scene.network.add_picture(content), ALT) for content in contents)
    said = scene.network.customer_says(text, images=shown)
    scene.later(90)
    return said


def kept() -> list[Any]:
    return [payload_of(e.n) for e in Entry.objects.filter(fact=pictures.KEPT).order_by("n")]


def missed() -> list[str]:
    return [payload_of(e.n).reason for e in Entry.objects.filter(fact=pictures.MISSED).order_by("n")]


def opened() -> Image.Image:
    entry = Entry.objects.get(fact=pictures.KEPT)
    fact = payload_of(entry.n)
    return Image.open(io.BytesIO(pictures.read(*pictures.get(entry.lane, entry.obj, fact.picture))))


# --- kept --------------------------------------------------------------------------------------------
def test_a_picture_is_drawn_again_and_kept_as_ciphertext_that_the_leaf_names(
    scene: Scene, folder: Path
) -> None:
    show(scene, png())
    [fact], [file] = kept(), files(folder)
    entry, said = Entry.objects.get(fact=pictures.KEPT), Entry.objects.get(fact="channels.activity-received")
    assert (entry.obj, entry.lane, entry.subj) == (said.obj, said.lane, said.subj)
    assert entry_of(entry).said["att"] == [file.name] == [fact.file]
    assert file.name == hashlib.sha256(file.read_bytes()).hexdigest() and PNG not in file.read_bytes()
    assert (opened().size, fact.mime, fact.width, fact.height) == ((60, 40), "image/png", 60, 40)
    [shown] = Message.objects.get().attachments
    assert (shown["alt"], shown["picture"], shown["width"]) == (ALT, fact.picture, "60")


def test_nothing_beside_the_pixels_comes_along(scene: Scene) -> None:
    came = photograph()
    show(scene, came)
    image = opened()
    entry = Entry.objects.get(fact=pictures.KEPT)
    content = pictures.read(*pictures.get(entry.lane, entry.obj, payload_of(entry.n).picture))
    for secret in (b"Kim Mina", b"Jongno", b"<script>"):
        assert secret in came and secret not in content
    assert not dict(image.getexif()) and not image.getexif().get_ifd(0x8825), "no camera, no place"
    assert image.size == (2048, 1365), "large enough to read, and no larger"


def test_of_a_moving_picture_the_first_frame_stays(scene: Scene) -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (30, 20), c) for c in ("red", "blue", "green")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=100)
    show(scene, out.getvalue())
    image = opened()
    assert (image.format, getattr(image, "n_frames", 1)) == ("PNG", 1)
    assert image.convert("RGB").getpixel((3, 3)) == (255, 0, 0)


def test_what_is_written_again_fetches_no_picture_twice(scene: Scene, folder: Path) -> None:
    said = show(scene, png())
    before = Message.objects.get().attachments
    scene.network.customer_edits(said, "화면이 이래요. 어제부터요.")
    scene.later(90)
    assert Message.objects.get().text.endswith("어제부터요.")
    assert Message.objects.get().attachments == before
    assert (len(kept()), len(files(folder)), Job.objects.filter(kind=pictures.JOB).count()) == (1, 1, 1)


def test_a_job_that_is_done_again_changes_nothing(scene: Scene, folder: Path) -> None:
    show(scene, png())
    Job.objects.filter(kind=pictures.JOB).update(state=Job.WAITING, due_at=0, lease_until=0)
    scene.work()
    assert (len(kept()), len(files(folder))) == (1, 1)


def test_a_rebuild_gives_the_same_rows(scene: Scene) -> None:
    show(scene, png(), b"no picture")
    before = list(Message.objects.order_by("pk").values())
    assert [sorted(a) for a in before[0]["attachments"]] == [
        ["alt", "height", "kind", "mime", "picture", "url", "width"],
        ["alt", "kind", "mime", "missed", "trouble", "url"],
    ]
    rebuild.rebuild(INBOX.name)
    assert list(Message.objects.order_by("pk").values()) == before


# --- not kept ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (bomb(), "too many pixels"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "not a whole"),
        (b"<html><script>alert(1)</script></html>", "not a whole"),
        (b"%PDF-1.7", "not a whole"),
        (png()[:70], "not a whole"),
        (b"", "not a whole"),
        (PNG + b"\0" * 8_000_000, "larger than"),
    ],
    ids=["bomb", "svg", "html", "pdf", "cut", "empty", "huge"],
)
def test_whatever_is_no_picture_becomes_a_sentence(
    scene: Scene, folder: Path, content: bytes, why: str
) -> None:
    began = time.monotonic()
    show(scene, content)
    assert [why in reason for reason in missed()] == [True] and kept() == [] and files(folder) == []
    assert time.monotonic() - began < 5
    [file] = Message.objects.get().attachments
    assert why in file["trouble"] and file["url"], "the link stays"


def test_a_picture_that_is_also_a_page_is_only_a_picture(scene: Scene) -> None:
    show(scene, png() + b"<html><script>alert(1)</script>", text="<b>보세요</b>")
    [fact] = kept()
    entry = Entry.objects.get(fact=pictures.KEPT)
    content = pictures.read(*pictures.get(entry.lane, entry.obj, fact.picture))
    assert content.startswith(b"\x89PNG") and b"script" not in content


def test_films_and_what_we_said_ourselves_are_not_fetched(scene: Scene) -> None:
    scene.network.customer_says("그냥 글입니다")
    scene.deliver("새 지점을 열었습니다.")
    scene.later(90)
    assert not Job.objects.filter(kind=pictures.JOB).exists()


# --- strangers' servers ------------------------------------------------------------------------------
@pytest.fixture
def strangers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Pictures of the practice network lie on real servers of this machine, whose hosts are in the list."""
    hosts: list[str] = []
    monkeypatch.setattr(Practice, "picture", Connector.picture)

    def wire(self: NetworkData, chosen: dict[str, str], **how: Any) -> Wire:
        return Wire(hosts, private_hosts=frozenset(hosts))

    monkeypatch.setattr(NetworkData, "pictures_wire", wire)
    return hosts


@pytest.mark.network
@pytest.mark.parametrize(
    ("status", "body", "headers", "why"),
    [
        ("200 OK", png(), ("Content-Type: text/html",), ""),
        ("200 OK", b"<html>", ("Content-Type: image/png",), "not a whole"),
        ("404 Not Found", b"", (), "404"),
        ("401 Unauthorized", b"", (), "401"),
        ("302 Found", b"", ("Location: http://169.254.169.254/latest/meta-data/",), "not one of the hosts"),
        ("302 Found", b"", ("Location: http://127.0.0.1:1/",), "not one of the hosts"),
        ("200 OK", b"\0" * 8_000_001, (), "larger than"),
    ],
    ids=["type-lies", "type-lies-too", "gone", "asks-for-a-name", "metadata", "inside", "huge"],
)
def test_a_strange_server_is_believed_nothing(
    scene: Scene, strangers: list[str], status: str, body: bytes, headers: tuple[str, ...], why: str
) -> None:
    with serving(says(status, body, *headers)) as heard:
        strangers.append(heard.url.removeprefix("http://"))
        scene.network.customer_says("보세요", images=((f"{heard.url}/p.png", ALT),))
        scene.later(90)
    assert len(kept()) == (not why) and [why in reason for reason in missed()] == [True] * bool(why)
    assert all(b"authorization" not in request.lower() for request in heard.requests)


@pytest.mark.network
def test_a_host_that_is_not_on_the_list_is_never_asked(scene: Scene, strangers: list[str]) -> None:
    with serving(says("200 OK", png())) as heard:
        scene.network.customer_says("보세요", images=((f"{heard.url}/p.png", ALT),))
        scene.later(90)
    assert heard.requests == [] and ["hosts" in reason for reason in missed()] == [True]


@pytest.mark.network
def test_a_server_that_drips_is_left_and_asked_again(
    scene: Scene, strangers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(Wire.ask.__kwdefaults__, "deadline_seconds", 2)

    def drips(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        for _number in range(1000):
            connection.sendall(b"x")
            time.sleep(0.05)

    with serving(drips) as heard:
        strangers.append(heard.url.removeprefix("http://"))
        scene.network.customer_says("보세요", images=((f"{heard.url}/p.png", ALT),))
        began = time.monotonic()
        scene.later(90)
        assert time.monotonic() - began < 20 and len(heard.requests) == 1
        assert kept() == missed() == []
        scene.later(90)
        assert len(heard.requests) == 2


# --- limits and time ---------------------------------------------------------------------------------
def test_an_item_has_at_most_eight_pictures(scene: Scene) -> None:
    show(scene, *(png((8, number + 1)) for number in range(10)))
    assert len(kept()) == pictures.PER_ITEM_MAX
    assert [("picture" in file) for file in Message.objects.get().attachments] == [True] * 8 + [False] * 2


def test_a_day_has_its_limit_and_the_next_one_goes_on(scene: Scene, settings: Any) -> None:
    settings.PICTURES_PER_DAY = 2
    show(scene, *(png((8, number + 1)) for number in range(3)))
    assert (len(kept()), missed()) == (2, [])
    scene.later(22 * 3600)
    assert (len(kept()), missed()) == (2, [])
    scene.later(2 * 3600)
    assert len(kept()) + len(missed()) == 3


def test_none_are_fetched_where_none_are_wanted(scene: Scene, settings: Any) -> None:
    settings.PICTURES_PER_DAY = 0
    show(scene, png())
    assert not Job.objects.filter(kind=pictures.JOB).exists() and kept() == missed() == []


def test_what_does_not_answer_is_tried_for_a_day(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[str] = []

    def away(self: Practice, url: str, bytes_max: int) -> bytes:
        tries.append(url)
        raise Later(600, "The server is away.")

    monkeypatch.setattr(Practice, "picture", away)
    show(scene, png())
    assert (len(tries), kept(), missed()) == (1, [], [])
    for _ in range(25):
        scene.later(3600)
    assert missed() == ["The server is away."] and 20 < len(tries) < 27
    scene.later(3600)
    assert len(missed()) == 1


def test_a_channel_that_was_taken_away_fetches_nothing(scene: Scene, settings: Any) -> None:
    settings.PICTURES_PER_DAY = 1
    show(scene, png((8, 8)), png((8, 9)))
    Channel.objects.filter(pk=scene.channel.pk).update(state=Channel.REMOVED)
    scene.later(3600)
    assert (len(kept()), missed()) == (1, ["Its channel was removed."])


@pytest.mark.parametrize("how", ["missing", "changed"])
def test_verify_names_a_picture_that_is_missing_or_changed(scene: Scene, folder: Path, how: str) -> None:
    """Target 2: without any key, for the file is named by its own digest; erased ones need not be there."""
    show(scene, png())
    [file] = files(folder)
    assert audit.audit().problems == []
    if how == "missing":
        file.unlink()
    else:
        file.chmod(0o600)
        file.write_bytes(file.read_bytes()[:-1] + bytes([file.read_bytes()[-1] ^ 1]))
    entry = Entry.objects.get(fact=pictures.KEPT)
    [found] = audit.audit().problems
    said = (
        f"{'is missing' if how == 'missing' else 'was changed'}; it is the picture that entry {entry.n} names"
    )
    assert (found.place, found.what) == (f"media/{file.name[:2]}/{file.name}", said)
    Subject.objects.filter(subj=entry.subj).delete()
    assert not [one for one in audit.audit().problems if one.place.startswith("media/")]


# --- erased ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("what", ["words", "subject"])
def test_an_erasure_takes_the_picture_along(scene: Scene, folder: Path, what: str) -> None:
    from bankside.record import subjects

    show(scene, png())
    entry = Entry.objects.get(fact=pictures.KEPT)
    fact, salt = payload_of(entry.n), kept()[0].salt
    assert pictures.forget_erased() == 0 and len(files(folder)) == 1
    if what == "words":
        Payload.objects.filter(n=entry.n).delete()
    else:
        Subject.objects.filter(subj=entry.subj).delete()
        subjects.forget()
    with pytest.raises(pictures.NoPicture):
        pictures.get(entry.lane, entry.obj, fact.picture)
    assert salt not in "".join(str(row) for row in [*Job.objects.values(), *Message.objects.values()])
    INBOX.apply(entry_of(entry), None)
    assert "picture" not in Message.objects.get().attachments[0]
    if what == "words":
        living = list(Message.objects.order_by("pk").values())
        rebuild.rebuild(INBOX.name)
        assert list(Message.objects.order_by("pk").values()) == living
    assert pictures.forget_erased() == 1 and files(folder) == []
    assert pictures.forget_erased() == 0


def test_words_that_are_erased_before_the_picture_comes_bring_none(
    scene: Scene, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def erases(self: Practice, url: str, bytes_max: int) -> bytes:
        Payload.objects.filter(n=Entry.objects.get(fact="channels.activity-received").n).delete()
        return png()

    monkeypatch.setattr(Practice, "picture", erases)
    show(scene, png())
    assert kept() == missed() == [] and files(folder) == []
