"""Price and connection of a retry: build the button, and refuse a retry that exceeds what the button showed."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.billing.money import money
from common.messages import Message, build_message
from jobs import registry
from jobs.errors import JobRefused


@dataclass(frozen=True)
class RetryButton:
    """The texts and values of a retry button.

    ``agreed`` (price and connection) is submitted by the button, ``connection`` by the checkbox of a list. ``price`` is
    a text; if the price is unknown (not ``is_priced``) the text says so, and narrow buttons leave it out. ``after``
    says what the price leaves to spend, ``note`` whose account is billed (``is_own``: not the site's).
    """

    agreed: str = ""
    price: str = ""
    connection: str = ""
    note: str = ""
    is_priced: bool = True
    after: str = ""
    is_own: bool = False


def build_buttons(jobs: list, by) -> dict:
    """Return job id → RetryButton for the user. Buttons of local jobs show no price unless the price has risen."""
    registry.prefetch(jobs, by)
    return {job.pk: _build_button(job, by) for job in jobs}


def _build_button(job, by) -> RetryButton:
    kind = registry.kind_of(job)
    terms = kind.retry_terms(job, by)
    price, currency = kind.price_today(job)
    is_shown = terms.connection or not _covers(original_price(job), (price, currency))
    return RetryButton(
        agreed=f"{price} {currency} {terms.connection}".strip() if is_shown else "",
        price=terms.price or (money(price, currency) if is_shown else ""),
        connection=terms.connection,
        note=terms.note,
        is_priced=terms.is_priced,
        after=terms.after,
        is_own=terms.is_own,
    )


def original_price(job) -> tuple[int, str]:
    return job.price_reserved, job.currency


def check_price(job, agreed: tuple[int, str] | None) -> tuple[int, str]:
    """Return the current price. Raises JobRefused if it exceeds ``agreed`` (by default the original price)."""
    current = registry.kind_of(job).price_today(job)
    if not _covers(agreed or original_price(job), current):
        message = _(
            "The price has changed: %(title)s now costs %(now)s, and it was %(before)s before. Nothing was started."
        )
        facts = {"title": job.title, "now": money(*current), "before": money(*original_price(job))}
        raise JobRefused(message % facts, to_operators=message % (facts | {"title": job}))
    return current


def is_covered(job, price: tuple[int, str]) -> bool:
    """Return whether a retry at that price costs no more than the job did."""
    return _covers(original_price(job), price)


def _covers(agreed: tuple[int, str], price: tuple[int, str]) -> bool:
    return price[0] <= (agreed[0] if agreed[1] == price[1] else 0)


def check_connection(job, connection: str) -> None:
    """Raise JobRefused if the new job uses another connection than the button named, which another user may pay for."""
    if connection and connection != registry.kind_of(job).retry_terms(job, job.created_by).connection:
        raise JobRefused(connection_changed_message())


def connection_changed_message() -> Message:
    return build_message("other_account")
