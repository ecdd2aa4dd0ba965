"""Which tables a desk serves: those of its own code, neither newer nor older ones (fault 43)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from bankside.record import schema
from bankside.record.schema import SchemaNewer, SchemaOlder


def test_what_this_code_has_is_what_django_would_apply() -> None:
    graph = MigrationLoader(None).graph
    ours = {app for app, _ in graph.nodes} & schema.known().keys()
    assert schema.known() == {
        app: sorted(name for one, name in graph.nodes if one == app) for app in sorted(ours)
    }


@pytest.mark.django_db
def test_the_tables_of_a_desk_are_those_of_its_code() -> None:
    applied = schema.applied_in(connection)
    assert {"record", "people", "inbox"} <= applied.keys()
    schema.refuse_other(applied)


def test_newer_tables_are_refused_with_what_is_unknown() -> None:
    applied = schema.known()
    applied["record"] = [*applied["record"], "0999_of_tomorrow"]
    with pytest.raises(SchemaNewer, match=r"record 0999_of_tomorrow"):
        schema.refuse_other(applied)
    with pytest.raises(SchemaNewer, match=r"The backup was made by a newer version"):
        schema.refuse_newer(applied, "The backup")


def test_older_tables_are_refused_with_what_is_missing() -> None:
    applied = schema.known()
    last = applied["record"].pop()
    schema.refuse_newer(applied, "The backup")
    with pytest.raises(SchemaOlder, match=rf"record {last}.*bankside migrate"):
        schema.refuse_other(applied)
    with pytest.raises(SchemaOlder, match=r"and [0-9]+ more"):
        schema.refuse_other({})


def test_what_others_made_is_no_affair_of_ours() -> None:
    """Libraries rename their migrations; only our own say which version of the desk it is."""
    schema.refuse_other({**schema.known(), "account": ["0999_unknown"], "gone": ["0001_initial"]})
