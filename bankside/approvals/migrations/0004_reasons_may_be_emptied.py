"""What somebody said when she sent words back may be emptied, as a title may: it quotes them, or names whoever
they are for. See 0003_titles_may_be_emptied."""

from importlib import import_module

from django.db import migrations

before = import_module("bankside.approvals.migrations.0002_four_eyes")
titles = import_module("bankside.approvals.migrations.0003_titles_may_be_emptied")
# Words that are emptied decide nothing, and nothing else changes with them.
DECIDED = f"""({before.REQUEST_DECIDED}) and not ((old.title <> '' or old.reason <> '')
    and new.title = '' and new.reason = ''
    and new.state = old.state and new.decided_by_id is not distinct from old.decided_by_id
    and new.decided_at = old.decided_at)"""
RULES = (("decided", DECIDED, "somebody else decides, in time, and once"),)


def make(apps, editor):
    titles.put_up(editor, RULES)


class Migration(migrations.Migration):
    dependencies = [("approvals", "0003_titles_may_be_emptied")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
