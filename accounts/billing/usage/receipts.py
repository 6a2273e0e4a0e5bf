"""Receipts: what a job, or all jobs behind a film, asked for, held, charged, refunded and wrote off."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q
from django.template.loader import render_to_string

from accounts.billing.models import Hold, Payer
from accounts.billing.money import unit_price
from accounts.billing.usage.amounts import Amounts, convert_amount, per_second
from accounts.billing.usage.job_lines import JobLine, describe
from accounts.billing.usage.sums import annotate_seconds

SHOWN_LINES = 100


@dataclass
class Receipt:
    """Sums of some holds, in the site's currency with billing; ``asked`` always in those of the providers' prices.

    ``unused``: what was charged for clips that are not in the film. ``seconds``: of the clips in the film.
    """

    asked: Amounts = field(default_factory=Amounts)
    held: Amounts = field(default_factory=Amounts)
    charged: Amounts = field(default_factory=Amounts)
    refunded: Amounts = field(default_factory=Amounts)
    written_off: Amounts = field(default_factory=Amounts)
    unused: Amounts = field(default_factory=Amounts)
    unused_clips: int = 0
    seconds: int = 0
    lines: list[JobLine] = field(default_factory=list)

    @property
    def cost_per_second(self) -> Amounts:
        return per_second(self.charged, self.seconds)


def render_job_receipt(context) -> str:
    """Render the receipt of the job of the page; "" for a job that was free, without a query."""
    job = context["job"]
    hold = Hold.objects.filter(pk=job.pk).select_related("wallet").first() if job.price_reserved else None
    if hold is None:
        return ""
    price_currency = hold.price_currency or hold.wallet.currency
    is_converted = price_currency != convert_amount(hold, hold.amount)[0]
    rate = hold.rate if is_converted else None
    values = {
        "receipt": _add_up([hold]),
        "is_open": hold.state == Hold.State.HELD,
        "is_own": hold.payer == Payer.OWN,
        "rate": rate and unit_price(rate, hold.wallet.currency),
        "price_currency": price_currency,
        "rated_on": hold.rated_on,
    }
    return render_to_string("accounts/_receipt.html#job", values, context["request"])


def render_film_receipt(context) -> str:
    """Render the receipt of a film: of the clips in it, and of all others that its story needed until then.

    Context: ``film``, ``story`` and ``clip_jobs``, the ids of the jobs of the clips in the film.
    """
    film, story, request = context["film"], context["story"], context["request"]
    used = set(context["clip_jobs"])
    rows = Hold.objects.filter(Q(story_id=story.pk, created_at__lte=film.created_at) | Q(pk__in=used | {film.job_id}))
    rows = rows.filter(wallet__workspace=story.workspace_id).select_related("wallet").order_by("created_at", "pk")
    holds = list(annotate_seconds(rows))
    receipt = _add_up(holds, used)
    if not (receipt.held or receipt.charged or receipt.written_off):
        return ""
    paid = [hold for hold in holds if hold.amount or hold.charged or hold.written_off]
    receipt.lines = describe(paid[-SHOWN_LINES:], request.viewer)
    return render_to_string("accounts/_receipt.html#film", {"receipt": receipt}, request)


def _add_up(holds: Iterable[Hold], used: set | None = None) -> Receipt:
    receipt = Receipt()
    for hold in holds:
        charged = hold.charged or 0
        receipt.asked[hold.price_currency or hold.wallet.currency] += hold.amount if hold.price is None else hold.price
        _add(receipt.held, hold, hold.amount)
        _add(receipt.charged, hold, charged)
        _add(receipt.written_off, hold, hold.written_off)
        if hold.state != Hold.State.HELD:
            _add(receipt.refunded, hold, max(0, hold.amount - charged))
        length = getattr(hold, "clip_length", None)
        if used is not None and hold.pk in used:
            receipt.seconds += length or 0
        elif used is not None and length:
            _add(receipt.unused, hold, charged)
            receipt.unused_clips += 1
    return receipt


def _add(amounts: Amounts, hold: Hold, amount: int) -> None:
    currency, shown = convert_amount(hold, amount)
    amounts[currency] += shown
