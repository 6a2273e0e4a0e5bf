from django.db import migrations

from common.database.append_only import only_grows


class Migration(migrations.Migration):
    """Movements of money and the audit log are never changed; only names and addresses can be forgotten."""

    dependencies = [("accounts", "0001_people_workspaces_ledger")]

    operations = [
        only_grows("accounts_entry"),
        only_grows(
            "accounts_auditevent",
            columns=["id", "at", "actor_id", "verb", "target", "workspace_id", "facts"],
            may_forget={"actor": "''", "address": "NULL"},
        ),
    ]
