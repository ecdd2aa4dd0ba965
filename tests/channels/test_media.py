from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any

import pytest

from bankside.channels import media
from bankside.channels.film import NotAFilm, cleaned
from bankside.channels.media import MediaDamaged, NoSuchMedia
from bankside.channels.models import Media
from bankside.channels.picture import NotAPicture
from bankside.people.policy import NotYours
from bankside.record import audit, clock
from bankside.record.append import entry_of
from bankside.record.models import Entry
from tests.channels.films import box, film, movie_header
from tests.channels.test_picture import picture_bytes
from tests.people.team import person, team
from tests.scene import NOW, Scene

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_FOLDER = tmp_path / "media"
    return tmp_path / "media"


def files(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_file()]


def test_verify_reads_each_file_of_ours(folder: Path, settings: Any, tmp_path: Path) -> None:
    settings.LOG_FOLDER = tmp_path / "log"
    rows = [
        media.add(person("author"), picture_bytes("PNG", size=(64, width)), "a.png") for width in (8, 9, 10)
    ]
    assert audit.audit().problems == []
    gone, changed, _ = (folder / row.file[:2] / row.file for row in rows)
    gone.unlink()
    changed.chmod(0o600)
    changed.write_bytes(changed.read_bytes() + b"x")
    assert [one.what for one in audit.audit().problems] == [
        f"is missing; it is picture or film {rows[0].obj}",
        f"was changed; it is picture or film {rows[1].obj}",
    ]


def test_a_picture_is_kept_as_ciphertext_named_by_its_own_digest(folder: Path) -> None:
    row = media.add(person("author"), picture_bytes("PNG", size=(64, 32)), "지점 앞.PNG")
    [file] = files(folder)
    assert file.name == row.file == hashlib.sha256(file.read_bytes()).hexdigest()
    assert b"\x89PNG\r\n\x1a\n" not in file.read_bytes()
    content = media.read(media.get(row.obj))
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert hashlib.sha256(content).hexdigest() == row.sha256
    assert (row.mime, row.name, row.width, row.height, row.size) == (
        "image/png", "지점 앞.png", 64, 32, len(content),
    )  # fmt: skip
    said = media.said(row, alt="한울은행 지점")
    assert (said.media, said.sha256, said.mime, said.alt, said.name) == (
        row.obj, row.sha256, "image/png", "한울은행 지점", "지점 앞.png",
    )  # fmt: skip


def test_the_same_picture_twice_has_two_files_and_two_keys(folder: Path) -> None:
    author = person("author")
    one, two = (media.add(author, picture_bytes("PNG"), "a.png") for _ in range(2))
    assert one.sha256 == two.sha256
    assert one.file != two.file
    assert len(files(folder)) == 2


def test_a_changed_moved_or_missing_file_is_found_out(folder: Path) -> None:
    author = person("author")
    row, other = (media.add(author, picture_bytes("PNG"), "a.png") for _ in range(2))
    path, foreign = (folder / m.file[:2] / m.file for m in (row, other))
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(MediaDamaged, match="was changed"):
        media.read(row)
    path.write_bytes(foreign.read_bytes())
    with pytest.raises(MediaDamaged, match="was changed"):
        media.read(row)
    path.unlink()
    with pytest.raises(MediaDamaged, match="is missing"):
        media.read(row)
    Media.objects.filter(pk=other.pk).update(sha256="0" * 64)
    with pytest.raises(MediaDamaged, match="not the one"):
        media.read(media.get(other.obj))


def test_whoever_writes_posts_or_answers_may_add_pictures_and_nobody_else(folder: Path) -> None:
    for role in ("author", "responder"):
        assert media.add(person(role, team=team("Seoul")), picture_bytes(), "a.jpg").name == "a.jpg"
    for roles in ((), ("administrator",), ("auditor",), ("approver",)):
        with pytest.raises(NotYours):
            media.add(person(*roles), picture_bytes(), "a.jpg")
    assert len(files(folder)) == 2


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\Users\\Jan\\foto.jpeg", "foto.jpg"),
        ('a"b\r\nc<script>.png', "a-b-c-script.jpg"),
        ("", "picture.jpg"),
        ("...", "picture.jpg"),
        ("网点" * 200 + ".jpg", "网点" * 50 + ".jpg"),
    ],
)
def test_names_are_plain(name: str, kept: str) -> None:
    assert media.add(person("author"), picture_bytes(), name).name == kept


def test_an_address_of_a_picture_lives_for_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    row = media.add(person("author"), picture_bytes(), "a.jpg")
    token, made = media.token_of(row), time.time()
    assert media.media_of(token) == row
    assert "/" not in token
    for wrong in ("", row.obj, token + "x", token.replace(row.obj, "0" * 32), "a.b.c"):
        with pytest.raises(NoSuchMedia):
            media.media_of(wrong)
    monkeypatch.setattr(time, "time", lambda: made + 3590)
    assert media.media_of(token) == row
    monkeypatch.setattr(time, "time", lambda: made + 3602)
    with pytest.raises(NoSuchMedia, match="run out"):
        media.media_of(token)


def test_a_picture_that_is_not_there_is_said_so() -> None:
    with pytest.raises(NoSuchMedia):
        media.get("0" * 32)


def test_a_film_is_kept_cleaned_as_ciphertext_with_its_length(folder: Path) -> None:
    came = film(box(b"udta", b"Kim Mina"), header=movie_header(90))
    row = media.add(person("author"), came, "../새 지점.MOV")
    assert (row.mime, row.name, row.width, row.height, row.size, row.seconds) == (
        "video/mp4", "새 지점.mp4", 1280, 720, len(came), 90,
    )  # fmt: skip
    content = media.read(media.get(row.obj))
    assert content == cleaned(came).content and b"Kim Mina" not in content
    assert b"ftyp" not in files(folder)[0].read_bytes()
    assert media.said(row).mime == "video/mp4"
    assert media.add(person("author"), came, "").name == "film.mp4"


def test_what_shows_a_post_is_a_picture_and_no_film(folder: Path) -> None:
    with pytest.raises(NotAPicture):
        media.keep(person("author"), film(), "a.mp4")
    with pytest.raises(NotAFilm):
        media.add(person("author"), film()[:-1], "a.mp4")
    with pytest.raises(NotAPicture):
        media.add(person("author"), film(brand=b"heic"), "a.heic")
    assert files(folder) == []


def test_a_post_that_is_out_names_the_files_of_its_pictures(
    folder: Path, settings: Any, tmp_path: Path
) -> None:
    """Record sheet 2.2: the ciphertexts, in the order of the words; also after the words are erased."""
    settings.DATA, settings.LOG_FOLDER = tmp_path, tmp_path / "log"
    with clock.frozen(NOW):
        scene = Scene(tmp_path / "network")
        rows = [
            media.add(scene.people["author"], picture_bytes("PNG", size=(64, w)), "a.png") for w in (8, 9)
        ]
        scene.deliver("지점", media=tuple(media.said(row, "A branch.") for row in rows[::-1]))
        scene.later(5)
        entry = Entry.objects.get(fact="channels.post-published")
        assert entry_of(entry).said["att"] == [rows[1].file, rows[0].file]
        assert audit.audit().problems == []
