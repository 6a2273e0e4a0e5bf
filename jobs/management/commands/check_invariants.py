"""Check the invariants of the ledger and of jobs, nightly and after fault tests."""

from django.core.management.base import CommandError

from common.operator_command import OperatorCommand
from jobs import maintenance


class Command(OperatorCommand):
    help = "Check all invariants. Exits 1 and lists the violations if there are any."

    def handle(self, *args, **options):
        if violations := maintenance.find_violations():
            raise CommandError("\n".join(violations))
        self.stdout.write("No invariant is violated.")
