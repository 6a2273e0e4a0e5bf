"""Back up the database and every file that it owns to a folder, while the site runs.

The next backup to the same folder copies only files that are new or have changed, and replaces the one before.
"""

from pathlib import Path

from django.core.management.base import CommandError
from django.template.defaultfilters import filesizeformat

from common.operator_command import OperatorCommand
from generation.backup import services
from generation.backup.manifest import BackupFailed


class Command(OperatorCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)

    def handle(self, *, folder, **options):
        try:
            report = services.back_up(folder)
        except BackupFailed as error:
            raise CommandError(str(error)) from error
        manifest = report.manifest
        size = sum(entry.bytes for entry in manifest.files.values())
        self.stdout.write(f"{manifest.database}: {filesizeformat(manifest.dump.bytes)}")
        self.stdout.write(f"{len(manifest.files)} files: {filesizeformat(size)}, {report.copied} of them copied now")
        for key in manifest.missing:
            self.stdout.write(f"  not in storage, or deleted meanwhile: {key}")
        for key in report.changed:
            self.stdout.write(f"  not what its row says: {key}")
        self.stdout.write("Keep the settings, too: without CONNECTION_KEYS or SECRET_KEY stored keys are lost.")
