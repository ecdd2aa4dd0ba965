from __future__ import annotations

import random
import struct

import pytest

from bankside.channels import film as films
from bankside.channels.film import BYTES_MAX, NotAFilm, TooLarge
from tests.channels.films import PIXELS, TURNED, box, film, movie_header, track


def test_names_places_and_texts_do_not_come_along_and_everything_stays_in_its_place() -> None:
    place = box(b"udta", box("©xyz".encode("latin-1"), b"+37.5704+126.9921/"), box(b"loci", b"Jongno-gu"))
    came = film(
        box(b"uuid", b"0123456789abcdef", b"<x:xmpmeta>Sanne</x:xmpmeta>"), box(b"free", b"4111 1111 1111"),
        box(b"sefd", b"Samsung"), inside=(place, box(b"meta", b"ilst Pieter")),
        tracks=(track(b"vide", place, box(b"meta", b"GPS")), track(b"soun")),
    )  # fmt: skip
    kept = films.cleaned(came).content
    secrets = (b"126.9921", b"Jongno", b"Sanne", b"4111", b"Samsung", b"Pieter", b"GPS", b"Kim", b"Mina",
               b"Jan de Vries", b"in the entry", b"mhlr")  # fmt: skip
    for secret in secrets:
        assert secret in came and secret not in kept, secret
    for moment in range(3_900_000_001, 3_900_000_005):
        assert struct.pack(">I", moment) in came and struct.pack(">I", moment) not in kept
    assert len(kept) == len(came) and kept.index(PIXELS) == came.index(PIXELS)
    assert b"avcC" in kept and b"esds" in kept


def test_what_is_clean_stays_as_it_is() -> None:
    once = films.cleaned(film()).content
    assert films.cleaned(once).content == once


@pytest.mark.parametrize("late", [False, True])
def test_length_and_size_are_read(late: bool) -> None:
    told = films.cleaned(film(header=movie_header(12.2, late=late)))
    assert (told.width, told.height, told.seconds) == (1280, 720, 13)
    assert (told.mime, told.suffix) == ("video/mp4", ".mp4")


def test_a_film_that_stands_is_higher_than_wide() -> None:
    told = films.cleaned(film(tracks=(track(b"soun"), track(matrix=TURNED))))
    assert (told.width, told.height) == (720, 1280)


def test_ten_minutes_are_taken_and_one_moment_more_is_not() -> None:
    assert films.cleaned(film(header=movie_header(600))).seconds == 600
    with pytest.raises(NotAFilm, match="10 minutes"):
        films.cleaned(film(header=movie_header(600.001)))


def test_a_large_film_is_taken_and_one_byte_more_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert BYTES_MAX == 100_000_000
    monkeypatch.setattr(films, "BYTES_MAX", len(film()))
    assert films.cleaned(film())
    with pytest.raises(TooLarge, match=str(len(film()))):
        films.cleaned(film(pixels=PIXELS + b"x"))


@pytest.mark.parametrize(
    ("came", "why"),
    [
        (film(brand=b"qt  "), "not an MP4"),
        (film(brand=b"heic"), "not an MP4"),
        (film(box(b"moof", b"")), "fragments"),
        (film(inside=(box(b"mvex", b""),)), "fragments"),
        (film(header=movie_header(0)), "how long"),
        (film(header=movie_header(1, 0)), "how long"),
        (film(header=box(b"free", b"")), "not a whole"),
        (film(inside=(movie_header(),)), "not a whole"),
        (film(box(b"moov", movie_header())), "not a whole"),
        (film(tracks=(track(b"soun"),)), "no pictures"),
        (film(tracks=(track(), track(b"meta"))), r"neither picture nor sound \(meta\)"),
        (film(tracks=(track(), track(b"\0<>\xff"))), r"\(\?<>\?\)"),
        (film(tracks=(track(source=box(b"url ", b"\0\0\0\0http://elsewhere.example")),)), "another file"),
        (film(tracks=(track(source=box(b"alis", b"\0\0\0\1")),)), "another file"),
        (film(tracks=(track(entry=box(b"avc1", bytes(20))),)), "not a whole"),
        (film(tracks=(track(), track(b"soun", entry=box(b"mp4a", bytes(8), b"\0\1", bytes(40))))), "a whole"),
        (film(tracks=(track(size=(0, 720)),)), "not a whole"),
        (film(tracks=(box(b"trak", b""),)), "not a whole"),
        (film(*[box(b"free", b"")] * films.BOXES_MAX), "not a whole"),
        (film()[8:], "not a whole"),
        (film() + b"4111", "not a whole"),
        (film() + struct.pack(">I4s", 7, b"free"), "not a whole"),
        (film() + struct.pack(">I4sQ", 1, b"free", 2**63), "not a whole"),
        (film()[: -len(PIXELS) - 8], "not a whole"),
        (box(b"ftyp", b"isom", bytes(4), b"isom" * 40) + film(), "not a whole"),
        (b"", "not a whole"),
        (b"\0", "not a whole"),
        (b"<html>", "not a whole"),
    ],
)  # fmt: skip
def test_what_is_no_film_or_cannot_be_cleaned_is_said_so(came: bytes, why: str) -> None:
    with pytest.raises(NotAFilm, match=why):
        films.cleaned(came)


def test_boxes_with_long_sizes_and_one_that_reaches_to_the_end_are_read() -> None:
    whole = film()
    pixels = struct.pack(">I4sQ", 1, b"mdat", 16 + len(PIXELS)) + PIXELS
    start = len(whole) - len(PIXELS) - 8
    assert films.cleaned(whole[:start] + pixels).seconds == 12
    assert films.cleaned(whole[:start] + struct.pack(">I4s", 0, b"mdat") + PIXELS).seconds == 12


def test_hostile_bytes_are_refused_and_never_more() -> None:
    dice, whole = random.Random("films"), film()
    ends = 0
    for _ in range(2000):
        came = bytearray(whole)
        for _ in range(dice.randint(1, 4)):
            came[dice.randrange(len(came))] = dice.choice((0, 1, 255, dice.randrange(256)))
        try:
            kept = films.cleaned(bytes(came[: dice.choice((len(came), dice.randrange(len(came)))) or 1]))
        except NotAFilm:
            ends += 1
        else:
            assert len(kept.content) <= len(whole)
    assert 100 < ends < 2000


def test_pictures_in_boxes_are_no_films() -> None:
    assert films.is_meant(film()) and films.is_meant(film(brand=b"qt  "))
    for other in (film(brand=b"heic"), film(brand=b"avif"), b"", b"\x89PNG", b"GIF89a__"):
        assert not films.is_meant(other)
