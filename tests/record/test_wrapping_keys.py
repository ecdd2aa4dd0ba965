"""The migration that makes generations: a desk that has keys already goes on with its key file."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from bankside.record import founding, kek, sealed, subjects
from bankside.record.models import WrappedKey
from bankside.record.payload import wrap_key
from bankside.record.providers.key_file import KeyFile
from tests.roles import as_owner

SUBJ = "a" * 32


@pytest.mark.django_db(transaction=True)
def test_keys_of_an_older_desk_open_with_its_file(settings: Any) -> None:
    file = settings.KEK_FILE.read_bytes()
    with as_owner(connection):
        call_command("migrate", "record", "0012", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute("delete from record_subject")
            cursor.execute("delete from record_keyclass")
            for name in sealed.CLASSES:
                wrapped = wrap_key(file, name.encode().ljust(32, b"."), f"class-{name}")
                cursor.execute("insert into record_keyclass (name, wrapped) values (%s, %s)", [name, wrapped])
            cursor.execute(
                "insert into record_subject (subj, mac, wrapped, created_at) values (%s, 'm', %s, 1)",
                [SUBJ, wrap_key(file, b"s" * 32, SUBJ)],
            )
        call_command("migrate", "record", verbosity=0)
    founding.found()
    assert WrappedKey.objects.get().holder == KeyFile().holder() and kek.current() == (0, file)
    assert subjects.key_of(SUBJ) == b"s" * 32 and sealed._key("answer").startswith(b"answer")
