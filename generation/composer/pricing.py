"""What takes cost and how long they take, in words that promise no more than is known."""

import math
import re

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.billing.money import money
from generation.composer.providers_for_user import Offer
from generation.providers.base import ClipRequest, Estimate
from generation.providers.remote import Billing

UNKNOWN = "unknown"


def estimate_cost(offer: Offer, asked: ClipRequest, takes: int) -> dict:
    """``price`` for all takes and its ``mark``, ``wait`` for the last, ``note``: who is billed, how sure that is."""
    estimate = offer.engine.estimate(asked)
    return {
        "price": _price(estimate, takes),
        "mark": mark(estimate, takes),
        "is_known": estimate.is_known,
        "wait": _wait(offer, estimate, takes),
        "note": "" if offer.engine.is_local else _note(offer, estimate),
    }


def estimate_repeat(offer: Offer, asked: ClipRequest) -> dict:
    """What one more take costs, and what three do."""
    return {"offer": offer, "one": estimate_cost(offer, asked, 1), "three": estimate_cost(offer, asked, 3)}


def mark(estimate: Estimate, takes: int) -> str:
    """What the button says, in a form that comes back with it: the person agrees to this and to nothing dearer."""
    return f"{estimate.price * takes} {estimate.currency}" if estimate.is_known else UNKNOWN


def covers_price(agreed: str, estimate: Estimate, takes: int) -> bool:
    """Whether takes cost no more than what was agreed to, as ``mark`` wrote it."""
    if not estimate.is_known or agreed == UNKNOWN:
        return agreed == mark(estimate, takes)
    price, _space, currency = agreed.partition(" ")
    is_said = currency == estimate.currency and re.fullmatch("[0-9]{1,18}", price)
    return estimate.price == 0 or bool(is_said and estimate.price * takes <= int(price))


def _price(estimate: Estimate, takes: int) -> str:
    if not estimate.is_known:
        return _("price unknown")
    return money(estimate.price * takes, estimate.currency) if estimate.price else _("free")


def _wait(offer: Offer, estimate: Estimate, takes: int) -> str:
    """Here one take follows the other; elsewhere so many are made at one time as the account may."""
    rounds = takes
    if not offer.engine.is_local:
        account = offer.connection
        rounds = math.ceil(takes / ((account and account.concurrency) or offer.engine.traits.concurrency))
    seconds = max(1, round(estimate.seconds * rounds))
    if seconds < 90:
        return ngettext("about %(n)s s", "about %(n)s s", seconds) % {"n": seconds}
    minutes = round(seconds / 60)
    return ngettext("about %(n)s min", "about %(n)s min", minutes) % {"n": minutes}


def _note(offer: Offer, estimate: Estimate) -> str:
    names = {"provider": offer.engine.label}
    billing = offer.engine.traits.billing
    words = []
    if billing == Billing.FREE:
        words.append(_("%(provider)s has no per-clip charge.") % names)
    elif not estimate.is_known:
        words.append(
            _("Price not known; billed to your %(provider)s account.") % names
            if offer.is_own
            else _("Price not known.")
        )
    elif offer.is_own:
        words.append(_("Billed to your %(provider)s account; the final price may differ.") % names)
    if estimate.is_known and estimate.dated:
        words.append(_("Price as of %(day)s.") % {"day": date_format(estimate.dated, "DATE_FORMAT")})
    return " ".join(words)
