"""Encrypt all stored secrets with the first of CONNECTION_KEYS, so that older keys can be removed."""

from django.core.management.base import CommandError

from common.hooks import SiteHooks
from common.operator_command import OperatorCommand


class Command(OperatorCommand):
    help = (
        "Encrypt the keys of connections, the links of works and the bodies of payment events with the first of "
        "CONNECTION_KEYS."
    )

    def handle(self, *args, **options):
        results = [reencrypt() for reencrypt in SiteHooks.values_of("reencrypt_secrets")]
        done, lost = sum(count for count, _ids in results), [pk for _count, ids in results for pk in ids]
        self.stdout.write(f"{done} encrypted again. The keys after the first of CONNECTION_KEYS may be removed now.")
        if lost:
            names = ", ".join(sorted({str(pk) for pk in lost}))
            raise CommandError(
                f"None of CONNECTION_KEYS decrypts the keys of: {names}. Their owners must paste them again."
            )
