"""After a new first CONNECTION_KEYS: seal every stored key of providers with it, so that the old one can go."""

from django.core.management.base import BaseCommand, CommandError

from generation.providers.connections import keys


class Command(BaseCommand):
    help = "Seal the keys of all connections with the first of CONNECTION_KEYS."

    def handle(self, *args, **options):
        done, lost = keys.reencrypt_all()
        self.stdout.write(f"{done} sealed anew. The keys after the first of CONNECTION_KEYS may be removed now.")
        if lost:
            names = ", ".join(sorted({str(pk) for pk in lost}))
            raise CommandError(
                f"None of CONNECTION_KEYS opens the keys of: {names}. Their owners must paste them again."
            )
