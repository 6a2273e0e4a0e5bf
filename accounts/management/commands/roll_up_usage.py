"""Roll up the usage of ended days, or sum them again."""

from datetime import date

from django.core.management.base import CommandError

from accounts.billing.usage import rollup
from common.operator_command import OperatorCommand


class Command(OperatorCommand):
    help = "Roll up the usage of the days that have ended. Workers do so every night; --since sums days again."

    def add_arguments(self, parser):
        parser.add_argument("--since", type=_read_day, help="sum the days from this one on again, such as 2026-11-01")

    def handle(self, *args, since: date | None = None, **options):
        if since:
            self.stdout.write(f"{rollup.rebuild_days(since)} days summed again.")
        total = 0
        while count := rollup.roll_up_days():
            total += count
        self.stdout.write(f"{total} days rolled up.")


def _read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text} is not a day such as 2026-11-01.") from error
