"""Estimate cost and duration of takes, for buttons. A price that is not known is shown as unknown."""

import math
import re

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.billing.money import describe_total
from accounts.billing.spender import Spender
from generation.offers.durations import describe_failures, describe_wait, get_usual_seconds
from generation.offers.offer import Offer
from generation.providers.base import ClipRequest, Estimate
from generation.providers.remote import Billing

UNKNOWN = "unknown"


def estimate_cost(offer: Offer, request: ClipRequest, takes: int, spender: Spender | None = None) -> dict:
    """Return ``price`` and ``mark`` of all takes, ``after``: what that leaves the ``spender``, ``wait`` until the last
    is done, the share of ``failures`` today, and a ``note`` on who is billed."""
    estimate = offer.engine.estimate(request)
    size = (request.seconds, request.resolution)
    return {
        "price": _format_price(estimate, takes),
        "mark": price_mark(estimate, takes),
        "after": _describe_after(offer, estimate, takes, spender),
        "is_known": estimate.is_known,
        "wait": _format_wait(offer, get_usual_seconds(offer.engine, request.model, estimate, size), takes),
        "failures": describe_failures(offer.engine, request.model),
        "note": "" if offer.engine.is_local else _build_note(offer, estimate),
    }


def estimate_repeat(offer: Offer, request: ClipRequest, spender: Spender) -> dict:
    """Return the cost of one more take and of three."""
    one, three = (estimate_cost(offer, request, takes, spender) for takes in (1, 3))
    return {"offer": offer, "one": one, "three": three}


def price_mark(estimate: Estimate, takes: int) -> str:
    """Return the most that the user agrees to pay, as the form sends it: "420000 USD" (millionths), or "unknown"."""
    return f"{estimate.price * takes} {estimate.currency}" if estimate.is_known else UNKNOWN


def covers_price(mark: str, estimate: Estimate, takes: int) -> bool:
    """Return whether the takes cost no more than the agreed ``mark``."""
    if not estimate.is_known or mark == UNKNOWN:
        return mark == price_mark(estimate, takes)
    price, _space, currency = mark.partition(" ")
    is_comparable = currency == estimate.currency and re.fullmatch("[0-9]{1,18}", price)
    return estimate.price == 0 or bool(is_comparable and estimate.price * takes <= int(price))


def _format_price(estimate: Estimate, takes: int) -> str:
    totals = {estimate.currency: estimate.price * takes} if estimate.is_known else {}
    return describe_total(totals, is_known=estimate.is_known)


def _describe_after(offer: Offer, estimate: Estimate, takes: int, spender: Spender | None) -> str:
    """Return what the price leaves, if the site pays it and something limits the spender; else ""."""
    if spender is None or offer.is_own or not estimate.is_known:
        return ""
    return spender.describe_after(estimate.price * takes, estimate.currency)


def _format_wait(offer: Offer, usual_seconds: float, takes: int) -> str:
    """Return the time for all takes, or that the connection is paused. Local takes are made one after the other, others
    as the connection's concurrency allows."""
    if offer.is_paused:
        return _("connection paused")
    rounds = takes
    if not offer.engine.is_local:
        connection = offer.connection
        rounds = math.ceil(takes / ((connection and connection.concurrency) or offer.engine.traits.concurrency))
    return describe_wait(usual_seconds * rounds)


def _build_note(offer: Offer, estimate: Estimate) -> str:
    names = {"provider": offer.engine.label}
    billing = offer.engine.traits.billing
    sentences = [offer.pause_note] if offer.is_paused else []
    if billing == Billing.FREE:
        sentences.append(_("%(provider)s has no per-clip charge.") % names)
    elif not estimate.is_known:
        sentences.append(
            _("Price not known; billed to your %(provider)s account.") % names
            if offer.is_own
            else _("Price not known.")
        )
    elif offer.is_own:
        sentences.append(_("Billed to your %(provider)s account; the final price may differ.") % names)
    if estimate.is_known and estimate.dated:
        sentences.append(_("Price as of %(day)s.") % {"day": date_format(estimate.dated, "DATE_FORMAT")})
    return " ".join(sentences)
