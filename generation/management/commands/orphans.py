"""List files in storage that no row owns, and rows whose file is gone. Exits with 1 if anything is left.

A file that is younger than --older-than may belong to a step in progress: it is neither listed nor deleted.
"""

from datetime import timedelta

from django.core.management.base import CommandError
from django.template.defaultfilters import filesizeformat

from common.operator_command import OperatorCommand
from generation.media import storage
from generation.services.owned_files import compare_with_storage


class Command(OperatorCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--delete", action="store_true", help="delete the files that no row owns")
        parser.add_argument("--older-than", type=int, default=1, metavar="DAYS", help="days, at least 1 (default: 1)")

    def handle(self, *, delete, older_than, **options):
        if older_than < 1:
            raise CommandError("Name at least 1 day: a younger file may belong to a step in progress.")
        found = compare_with_storage(timedelta(days=older_than))
        size = sum(file.bytes for file in found.ownerless)
        self.stdout.write(f"Files that no row owns: {len(found.ownerless)} ({filesizeformat(size)})")
        for file in found.ownerless:
            if delete:
                storage.delete(file.key)
            when = f"{file.changed_at:%Y-%m-%d %H:%M}"
            self.stdout.write(f"  {file.key}  {filesizeformat(file.bytes)}  {when}{'  deleted' if delete else ''}")
        self.stdout.write(f"Rows whose file is gone: {len(found.missing)}")
        for row in found.missing:
            self.stdout.write(f"  {row.key}" + (f"  {filesizeformat(row.bytes)}" if row.bytes else ""))
        if found.missing or (found.ownerless and not delete):
            raise CommandError(describe_remedy(found, delete))


def describe_remedy(found, is_deleted: bool) -> str:
    """Return what an operator can do about what is left."""
    parts = []
    if found.ownerless and not is_deleted:
        parts.append("manage.py orphans --delete removes the files that no row owns.")
    if found.missing:
        parts.append("Files that are gone can only come back from a backup.")
    return " ".join(parts)
