"""The daily round: guests who never signed up, old network addresses, sessions that ran out."""

from django.core.management.base import BaseCommand

from accounts import services


class Command(BaseCommand):
    help = "Destroy what guests left a day ago, forget addresses after 30 days, clear ended sessions."

    def handle(self, **options):
        done = services.tidy()
        self.stdout.write(", ".join(f"{name}: {count}" for name, count in done.items()))
