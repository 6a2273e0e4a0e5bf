from django.core.management.commands import migrate

from common.database.migration_changes import SchemaAutodetector


class Command(migrate.Command):
    """Apply migrations. Other wording does not count as a change that has none."""

    autodetector = SchemaAutodetector
