"""The interface of payment providers, and what they say about a payment.

A provider sends requests and reads responses; what follows from them is decided by the services. No method is called
within a transaction.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from accounts.billing.payments.models import Purchase


class ProviderUnavailable(Exception):
    """The provider did not answer, or not usefully: the same request may be sent again."""


class ProviderRefused(Exception):
    """The provider understood the request and refused it. ``code`` is its own."""

    def __init__(self, code: str):
        self.code = code
        super().__init__(code)


class Forged(Exception):
    """The event is not signed by the provider, too old, or not an event."""


class PaymentState(StrEnum):
    OPEN = "open"
    WAITING = "waiting"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Opened:
    """A payment page that was opened for a purchase."""

    session_ref: str
    url: str


@dataclass(frozen=True)
class Event:
    """A verified event: which object changed. ``problem``: why the site must not look at that object, else empty."""

    ref: str
    kind: str
    object_ref: str
    problem: str = ""


@dataclass(frozen=True)
class Payment:
    """What is now true about a payment, as the provider says. Amounts are in the smallest unit of the currency.

    ``has_unknown_refund``: money was paid back in the provider's own pages, and the provider does not say how much.
    """

    session_ref: str
    purchase_id: str
    state: PaymentState
    mode: str
    amount: int | None  # before tax; None where the provider names none before the payment
    currency: str
    is_live: bool
    customer: str
    payment_ref: str = ""
    subscription_ref: str = ""
    paid: int = 0  # with tax
    refunded: int = 0
    is_disputed: bool = False
    failure: str = ""  # the provider's code of why the payment failed
    has_unknown_refund: bool = False


@dataclass(frozen=True)
class Invoice:
    """An invoice. ``pays_for_period``: it is paid, and for a period. ``pays_for_change``: it is paid, and for a dearer
    plan from the middle of a period on. ``amount``: without tax, in the smallest unit of the currency."""

    ref: str
    subscription_ref: str
    pays_for_period: bool
    pays_for_change: bool
    is_first: bool
    amount: int
    currency: str
    created_at: datetime


@dataclass(frozen=True)
class ProviderSubscription:
    """What is now true about a subscription.

    ``status``: one of Subscription.Status, "" before the first invoice is paid. ``invoice``: the latest one.
    """

    ref: str
    status: str
    customer: str
    price_ref: str
    is_live: bool
    paid_until: datetime
    cancels_at: datetime | None = None
    trial_ends: datetime | None = None
    invoice: Invoice | None = None


@dataclass(frozen=True)
class OpenedChange:
    """A page on which a subscriber confirms another price. ``due``: what is paid then, in the smallest unit."""

    url: str
    due: int


@dataclass(frozen=True)
class Charge:
    """What became of money that was taken, in the smallest unit of the currency. ``is_disputed``: the bank withholds
    it."""

    payment_ref: str
    paid: int
    refunded: int = 0
    is_disputed: bool = False

    @property
    def is_refunded(self) -> bool:
        return self.refunded >= self.paid > 0


class PaymentProvider(ABC):
    """A way to pay.

    - ``life``: how long a payment page can be paid. With less than ``min_left`` of it a page is not offered again.
    - ``has_customers``: the provider knows a workspace as a customer.
    - ``ends_by_itself``: the provider tells when a page was closed or has expired. If not, the site decides that.
    """

    slug = ""
    life = timedelta(hours=23)
    min_left = timedelta(hours=1)
    has_customers = False
    ends_by_itself = False

    def is_live(self) -> bool:
        """Return whether it moves real money, not that of a test."""
        return True

    @abstractmethod
    def open(self, purchase: "Purchase", customer: str) -> Opened:
        """Open a payment page. A second call for the same purchase returns the same page."""

    @abstractmethod
    def fetch(self, session_ref: str) -> Payment | None:
        """Return what is now true about a payment, or None if the provider does not know it."""

    @abstractmethod
    def refund(self, purchase: "Purchase") -> None:
        """Pay the whole amount back. A second call for the same purchase does nothing."""

    @abstractmethod
    def close(self, session_ref: str) -> None:
        """Close a payment page on which nothing was paid; without effect if something was."""

    def create_customer(self, workspace_id: str, email: str) -> str:
        """Return the provider's id of a new customer; the same for a second call soon afterwards."""
        return ""

    def delete_customer(self, ref: str) -> None:
        """Delete a customer with the personal data kept there. A second call does nothing."""
        return None

    def read_event(self, body: bytes, headers: Mapping[str, str]) -> Event:
        """Return the event that the provider sent. Raises Forged."""
        raise Forged

    def list_missed_events(self, since: datetime) -> Iterator[Event]:
        """Yield the events that the provider could not deliver."""
        yield from ()


class SubscriptionProvider(PaymentProvider):
    """A payment provider that collects subscriptions and shows its customers a page of its own."""

    @abstractmethod
    def fetch_subscription(self, ref: str) -> ProviderSubscription | None: ...

    @abstractmethod
    def cancel_subscription(self, ref: str) -> None:
        """End a subscription now. Raises ProviderRefused if it has ended, ProviderUnavailable."""

    @abstractmethod
    def set_renewal(self, ref: str, *, renews: bool) -> None:
        """Let a subscription renew, or end when its paid time is over. A second call does nothing."""

    @abstractmethod
    def open_change(self, customer: str, ref: str, price_ref: str) -> OpenedChange:
        """Open the page on which the customer confirms another price of a subscription. Nothing changes before that."""

    @abstractmethod
    def fetch_invoice(self, ref: str) -> Invoice | None: ...

    @abstractmethod
    def fetch_charge(self, kind: str, object_ref: str) -> Charge | None:
        """Return the charge of an event about a charge, refund or dispute."""

    @abstractmethod
    def find_session(self, payment_ref: str) -> str:
        """Return the id of the payment page of a payment, or an empty string."""

    @abstractmethod
    def find_invoice(self, payment_ref: str) -> str:
        """Return the id of the invoice that a payment paid, or an empty string."""

    @abstractmethod
    def open_portal(self, customer: str) -> str:
        """Return the address of the page where a customer changes cards, cancels and reads invoices."""


def absolute_url(path: str) -> str:
    """Return the public address of a path of this site, to which buyers return and providers send events."""
    return settings.SITE_URL + path
