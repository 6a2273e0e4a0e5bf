from django.db import migrations

from common.database.append_only import only_grows


class Migration(migrations.Migration):
    """Make ledger entries and audit events append-only; only names and addresses may be cleared."""

    dependencies = [("accounts", "0001_initial")]

    operations = [
        only_grows("accounts_entry"),
        only_grows(
            "accounts_auditevent",
            columns=["id", "at", "actor_id", "verb", "target", "workspace_id", "facts"],
            may_forget={"actor": "''", "address": "NULL"},
        ),
    ]
