from django.core.management.commands import makemigrations

from common.database.migration_changes import SchemaAutodetector


class Command(makemigrations.Command):
    autodetector = SchemaAutodetector
