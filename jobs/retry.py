"""Trying a job again: what its button says of price and account, and that nobody is held to more than it said."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.billing.money import money
from jobs import registry
from jobs.errors import JobRefused


@dataclass(frozen=True)
class Button:
    """``words`` are the price, ``note`` says whose account is billed; ``connection`` goes along with a tick in a list,
    ``agreed``, which has the price as well, with the button itself. Where no price is known ``words`` say that, and
    the note too: a narrow button leaves them out."""

    agreed: str = ""
    words: str = ""
    connection: str = ""
    note: str = ""
    is_priced: bool = True


def build_buttons(jobs: list, by) -> dict:
    """What the buttons of these jobs say to this person, by job. What is made here and costs what it cost before needs
    no words."""
    registry.prefetch(jobs, by)
    return {job.pk: _button(job, by) for job in jobs}


def _button(job, by) -> Button:
    kind = registry.kind_of(job)
    terms = kind.retry_terms(job, by)
    price, currency = kind.price_today(job)
    is_said = terms.connection or not _covers(original_price(job), (price, currency))
    return Button(
        agreed=f"{price} {currency} {terms.connection}".strip() if is_said else "",
        words=terms.price or (money(price, currency) if is_said else ""),
        connection=terms.connection,
        note=terms.note,
        is_priced=terms.is_priced,
    )


def original_price(job) -> tuple[int, str]:
    return job.price_reserved, job.currency


def check_price(job, agreed: tuple[int, str] | None) -> tuple[int, str]:
    """Today's price of the job, or JobRefused where nobody has agreed to so much: as the button said it (``agreed``),
    else the first time."""
    today = registry.kind_of(job).price_today(job)
    if not _covers(agreed or original_price(job), today):
        words = _(
            "The price has changed: %(title)s now costs %(now)s, and it was %(before)s before. Nothing was started."
        )
        facts = {"title": job.title, "now": money(*today), "before": money(*original_price(job))}
        raise JobRefused(words % facts, to_operators=words % (facts | {"title": job}))
    return today


def _covers(known: tuple[int, str], today: tuple[int, str]) -> bool:
    return today[0] <= (known[0] if known[1] == today[1] else 0)


def check_connection(again, account: str) -> None:
    """JobRefused where the new job goes through another account than the button named: it may be somebody else's."""
    if account and account != registry.kind_of(again).retry_terms(again, again.created_by).connection:
        raise JobRefused(connection_changed_message())


def connection_changed_message() -> str:
    return _(
        "This would use a different account than the page showed. Nothing was started; reload the page and review."
    )
