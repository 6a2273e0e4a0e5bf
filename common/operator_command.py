"""The base of commands for operators: the first line says on which database they work."""

from django.core.management.base import BaseCommand
from django.db import connection


def describe_database() -> str:
    facts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"SQLite {facts['NAME']}"
    return f"PostgreSQL {facts['NAME']} at {facts['HOST'] or 'the local socket'}:{facts['PORT'] or 5432}"


class OperatorCommand(BaseCommand):
    """A command that prints its database first, on the error output: the output may be read by another program."""

    def execute(self, *args, **options):
        (options.get("stderr") or self.stderr).write(f"Database: {describe_database()}\n")
        return super().execute(*args, **options)
