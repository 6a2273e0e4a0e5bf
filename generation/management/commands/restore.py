"""Restore a backup (manage.py backup), and end the jobs that may have been sent since it was taken.

Stop the workers first. Sizes and digests are checked before anything is changed. Maintenance is on afterwards.
"""

from pathlib import Path

from django.core.management.base import CommandError

from accounts import maintenance
from common.operator_command import OperatorCommand
from generation.backup import services
from generation.backup.manifest import BackupFailed
from jobs.maintenance import end_jobs_after_restore
from jobs.views.decisions import describe


class Command(OperatorCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, nargs="?")
        parser.add_argument("--replace", action="store_true", help="replace the rows of a database that has some")
        parser.add_argument(
            "--only-jobs",
            action="store_true",
            help="end the jobs after a restore with other tools, and restore nothing",
        )

    def handle(self, *, folder, replace, only_jobs, **options):
        if bool(folder) == only_jobs:
            raise CommandError("Name either the folder of a backup or --only-jobs.")
        if only_jobs:
            maintenance.begin()
        else:
            self.restore(folder, replace)
        for job in end_jobs_after_restore():
            self.stdout.write(f"  cancelled: {describe(job)}")
        self.stdout.write(
            "These jobs may have been sent and paid since the backup was taken; their users can retry them.\n"
            "Maintenance is on. Look at the site, start the workers, then open it: manage.py maintenance off"
        )

    def restore(self, folder: Path, replace: bool) -> None:
        try:
            manifest = services.read_sound_manifest(folder)
            if services.has_rows() and not replace:
                raise CommandError("This database has rows. --replace replaces them. Nothing was changed.")
            services.restore(folder, manifest)
        except BackupFailed as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored the backup of {manifest.taken_at} with {len(manifest.files)} files.")
        for key in manifest.missing:
            self.stdout.write(f"  was not in the backup: {key}")
