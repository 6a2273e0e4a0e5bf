"""Encrypt all stored provider keys with the first of CONNECTION_KEYS, so that older ones can be removed."""

from django.core.management.base import BaseCommand, CommandError

from generation.providers.connections import keys


class Command(BaseCommand):
    help = "Encrypt the keys of all connections with the first of CONNECTION_KEYS."

    def handle(self, *args, **options):
        done, lost = keys.reencrypt_all()
        self.stdout.write(f"{done} encrypted again. The keys after the first of CONNECTION_KEYS may be removed now.")
        if lost:
            names = ", ".join(sorted({str(pk) for pk in lost}))
            raise CommandError(
                f"None of CONNECTION_KEYS decrypts the keys of: {names}. Their owners must paste them again."
            )
