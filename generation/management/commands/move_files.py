"""Copy the files of a folder to the bucket that S3_BUCKET and its companions name for this command.

May be interrupted and repeated: what is there already is skipped. Each copy is read again, and nothing is deleted.
"""

from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages
from django.core.management.base import CommandError

from common.operator_command import OperatorCommand
from generation.backup import moving


class Command(OperatorCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, nargs="?", help="default: media in TAPWARI_VAR")

    def handle(self, *, folder, **options):
        folder = folder or settings.VAR_DIR / "media"
        if isinstance(storages["clips"], FileSystemStorage):
            raise CommandError("Set S3_ENDPOINT, S3_BUCKET, S3_ACCESS_KEY and S3_SECRET_KEY for this command.")
        if not folder.is_dir():
            raise CommandError(f"{folder} is no folder.")
        report = moving.copy_files(folder)
        self.stdout.write(f"{report.copied} files copied, {report.skipped} were there already.")
        if report.failed:
            raise CommandError("These copies differ; start again:\n" + "\n".join(report.failed))
        self.stdout.write(
            "Run this once more while maintenance is on, then write the S3_* variables of this command into the "
            f"settings of all services and restart them. {folder} was not changed; delete it when the site works."
        )
