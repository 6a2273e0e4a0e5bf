"""Run the daily cleanup of accounts by hand."""

from django.core.management.base import BaseCommand

from accounts import services


class Command(BaseCommand):
    help = "Delete guests after a day, IP addresses after 30 days, and expired sessions."

    def handle(self, **options):
        counts = services.run_daily_cleanup()
        self.stdout.write(", ".join(f"{name}: {count}" for name, count in counts.items()))
