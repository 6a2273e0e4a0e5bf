"""Look whether every promise about money and jobs holds: after tests that break things, and nightly."""

from django.core.management.base import BaseCommand, CommandError

from jobs import invariants


class Command(BaseCommand):
    help = "Check what must always be true; exits 1 and says what is wrong if it is not."

    def handle(self, *args, **options):
        if found := invariants.find_violations():
            raise CommandError("\n".join(found))
        self.stdout.write("Everything that must be true is true.")
