"""Run the daily cleanup of accounts by hand."""

from accounts import services
from common.operator_command import OperatorCommand


class Command(OperatorCommand):
    help = "Delete guests after a day, IP addresses after 30 days, and expired sessions."

    def handle(self, **options):
        counts = services.run_daily_cleanup()
        self.stdout.write(", ".join(f"{name}: {count}" for name, count in counts.items()))
