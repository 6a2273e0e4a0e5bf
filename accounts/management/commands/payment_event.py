"""Print a payment event and what the payment provider sent, to look into one that fits nothing.

The body may name people. It is kept encrypted for 30 days; the output is for your eyes, not for a log.
"""

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from accounts.billing.payments.events import read_body
from accounts.billing.payments.models import PaymentEvent
from common.operator_command import OperatorCommand
from common.secrets import DecryptionError

FACTS = ("provider", "ref", "kind", "object_ref", "came_at", "done_at", "tries", "problem", "digest")


class Command(OperatorCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("ref", help="ID of the event or of its object, as Operator › Payments shows them")

    def handle(self, *, ref, **options):
        found = PaymentEvent.objects.filter(ref=ref) or PaymentEvent.objects.filter(object_ref=ref)
        if not found:
            raise CommandError(_("No payment event has this ID."))
        for event in found:
            for name in FACTS:
                self.stdout.write(f"{name}: {getattr(event, name) or '–'}")
            self.stdout.write(self._describe_body(event) + "\n")

    def _describe_body(self, event: PaymentEvent) -> str:
        try:
            return read_body(event) or _("The body is not kept: it is removed after 30 days.")
        except DecryptionError:
            return _("The body was encrypted with a key that is no longer in CONNECTION_KEYS.")
