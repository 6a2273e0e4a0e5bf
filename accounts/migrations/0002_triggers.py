from django.db import migrations

from common.database.append_only import make_append_only


class Migration(migrations.Migration):
    """Make ledger entries and audit events append-only; only names and addresses may be cleared."""

    dependencies = [("accounts", "0001_initial")]

    operations = [
        make_append_only("accounts_entry"),
        make_append_only(
            "accounts_auditevent",
            columns=["id", "at", "actor_id", "verb", "target", "workspace_id", "facts"],
            erasable={"actor": "''", "address": "NULL"},
        ),
    ]
