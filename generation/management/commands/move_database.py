"""Copy all rows of a SQLite file into the PostgreSQL that DATABASE_URL names, which is migrated and empty.

The site must be closed: manage.py maintenance on. All rows are copied, or none.
"""

from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from common.operator_command import OperatorCommand
from generation.backup import moving, services
from generation.backup.manifest import BackupFailed


class Command(OperatorCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, nargs="?", help="default: tapwari.sqlite3 in TAPWARI_VAR")

    def handle(self, *, file, **options):
        file = file or settings.VAR_DIR / "tapwari.sqlite3"
        if connection.vendor != "postgresql":
            raise CommandError("Set DATABASE_URL to the new PostgreSQL for this command.")
        if not file.is_file():
            raise CommandError(f"{file} does not exist.")
        if not services.has_tables() or services.has_rows():
            raise CommandError("The new database must be migrated (manage.py migrate) and empty. Nothing was changed.")
        try:
            counts = moving.copy_rows(file)
        except BackupFailed as error:
            raise CommandError(str(error)) from error
        call_command("rebuild_search", stdout=self.stdout)
        for table, count in counts.items():
            self.stdout.write(f"  {table}: {count}")
        self.stdout.write(
            f"{sum(counts.values())} rows in {len(counts)} tables, the same as in {file}, which was not changed.\n"
            "Write DATABASE_URL and the SECRET_KEY of before into the settings of all services, start them, look at "
            "the site, then open it: manage.py maintenance off"
        )
