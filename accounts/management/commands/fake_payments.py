"""Run a fake of Stripe on this machine, to try buying, refunds and subscriptions offline. No money moves."""

import threading
from importlib import import_module

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.billing.amounts import MILLION, to_smallest_units
from accounts.billing.models import Pack, Plan

HOST, PORT = "127.0.0.1", 8991  # not reachable from other machines
PACKS = [("small", "Small pack", 5, 5), ("medium", "Medium pack", 20, 22), ("large", "Large pack", 50, 60)]
PLANS = [("club", "Club", 15, {"month": 12, "year": 120}), ("studio", "Studio", 60, {"month": 48, "year": 480})]


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--port", type=int, default=PORT, help=f"port of the fake ({PORT})")
        parser.add_argument("--packs", action="store_true", help="offer three packs, if none is offered")
        parser.add_argument("--plans", action="store_true", help="offer two plans, if none is offered at a price")

    def handle(self, *, port, packs, plans, **options):
        if packs and not Pack.objects.filter(is_offered=True).exists():
            create_packs()
        if plans and not Plan.objects.filter(is_offered=True).exclude(prices=[]).exists():
            create_plans()
        webhook = settings.SITE_URL + reverse("payments:stripe_webhook")
        server, fake = build_server(port, webhook, prices=read_prices(), write_line=self._write_line)
        with server:
            self._print_settings(server.url(fake.slug), fake.key, import_module("tests.fakes.stripe").SECRET)
            self._wait()

    def _print_settings(self, address: str, key: str, secret: str) -> None:
        self.stdout.write(_("Start the studio with these settings, and sign in:"))
        self.stdout.write(f"    BILLING=on STRIPE_API_BASE={address} STRIPE_SECRET_KEY={key} \\")
        self.stdout.write(f"    STRIPE_WEBHOOK_SECRETS={secret} ./run")
        self.stdout.write(_("Then buy at %(url)s") % {"url": settings.SITE_URL + reverse("payments:purchases")})
        self.stdout.write(_("“Manage cards and invoices” there lets months pass: plans renew, fail or end at a click."))
        self.stdout.write(_("The fake is running. Press Ctrl-C to stop; it then forgets all payments."))

    def _write_line(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _wait(self) -> None:
        self.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            self.stdout.write(_("Stopped."))


def build_server(port: int, webhook: str, **options):
    """Return the server of the fake, not yet started, and the fake. Raises CommandError without a full checkout, or if
    the port is taken."""
    try:
        fake = import_module("tests.fakes.stripe").StripeFake(webhook, **options)
    except ModuleNotFoundError as missing:
        if not (missing.name or "").startswith("tests"):
            raise
        message = _("The fake is in the folder tests/, which this installation does not include. Use a full checkout.")
        raise CommandError(message) from None
    try:
        server = import_module("tests.fakes.server").FakeServer([fake], port, HOST)
    except OSError as error:
        raise CommandError(f"{HOST}:{port}: {error.strerror}") from None
    server.raises_errors = False  # they are printed when they happen
    return server, fake


def create_packs() -> None:
    for position, (code, name, price, credit) in enumerate(PACKS):
        amounts = {"amount": price * MILLION, "credit": credit * MILLION, "currency": settings.SITE_CURRENCY}
        Pack.objects.get_or_create(code=code, defaults={"name": name, "position": position, **amounts})


def create_plans() -> None:
    for position, (code, name, credit, amounts) in enumerate(PLANS):
        facts = {"provider": "stripe", "currency": settings.SITE_CURRENCY}
        prices = [
            facts | {"period": period, "amount": amount * MILLION, "ref": f"price_{code}_{period}"}
            for period, amount in amounts.items()
        ]
        values = {"name": name, "position": position + 1, "monthly_grant": credit * MILLION, "prices": prices}
        Plan.objects.get_or_create(code=code, version=1, defaults=values)


def read_prices() -> dict[str, dict]:
    """Return the prices of all plans as Stripe would have them. One that is entered later needs another start."""
    found = [price for plan in Plan.objects.all() for price in plan.prices if price.get("ref")]
    return {
        price["ref"]: {
            "unit_amount": to_smallest_units(price["amount"], price["currency"]),
            "currency": price["currency"].lower(),
            "interval": price["period"],
        }
        for price in found
    }
