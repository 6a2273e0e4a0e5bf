"""Bank transfer: the buyer transfers the amount under a number, and an operator says that it has arrived."""

from datetime import timedelta
from typing import TYPE_CHECKING

from accounts.billing.payments.providers.base import Opened, Payment, PaymentProvider

if TYPE_CHECKING:
    from accounts.billing.payments.models import Purchase


class BankProvider(PaymentProvider):
    slug = "bank"
    life = timedelta(days=30)

    def open(self, purchase: "Purchase", customer: str) -> Opened:
        """Give the purchase its number, by which an operator finds the transfer; there is no page."""
        return Opened(session_ref=f"T-{purchase.pk.hex[:12].upper()}", url="")

    def close(self, session_ref: str) -> None:
        """Do nothing: a transfer that arrives later is paid back by hand."""

    def fetch(self, session_ref: str) -> Payment | None:
        """Return None: only an operator sees the account."""
        return None

    def refund(self, purchase: "Purchase") -> None:
        """Do nothing: an operator transfers the money back, and says so here."""
