"""The sentences of refusals that go with those of the limits (accounts.billing.limits), and the values in them."""

from datetime import datetime
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

from accounts.billing.hooks import BillingHooks

LEDGER_SENTENCES = {
    "insufficient_funds": _(
        "This costs %(needed)s, but only %(left)s is left. Nothing was started and nothing was charged."
    ),
    "funds_ways": _(
        "An owner of the workspace can buy credit under Settings › Billing. Clips made with your own provider key use "
        "no credit."
    ),
    "rate_unknown": _(
        "This price is in %(currency)s, and this studio has no exchange rate for it into %(site)s yet. Nothing was "
        "started and nothing was charged. An administrator can add the rate."
    ),
    "price_unknown": _(
        "This studio has no price for this model yet. Nothing was started and nothing was charged. Choose another "
        "model, or use a connection of your own."
    ),
}
LIMIT_SENTENCES = {
    "limit_late_payment": _(
        "A payment is late, so nothing new is started at the studio’s expense. Running jobs continue, and your work "
        "stays."
    ),
    "limit_dispute": _(
        "A bank disputes a payment of this workspace. Until an administrator has decided, nothing new is started at "
        "the studio’s expense. Running jobs continue, and downloads and free work stay available."
    ),
    "limit_resets": _("The count starts again on %(date)s."),
    "limit_way_own_key": _("What you make through your own connection to a provider does not count."),
    "limit_way_plan": _("Another plan allows more."),
    "limit_way_free_space": _("Delete what you no longer need and empty the trash to make room."),
    "limit_way_delete": _("Move one that you no longer need to the trash."),
    "limit_way_fewer": _("Ask for fewer at a time."),
    "limit_way_wait": _("Wait until one finishes, or cancel one."),
    "limit_nothing_changed": _("Nothing was started and nothing was charged."),
}

CAP_SENTENCES = {
    "cap_reached": _(
        "This costs %(needed)s, but %(cap)s of %(amount)s has only %(left)s left. Nothing was started and nothing was "
        "charged."
    ),
    "cap_resets": _("The cap starts again on %(day)s."),
    "cap_ways": _(
        "An owner of the workspace can change caps in the settings. Work through your own connection does not count."
    ),
}


def word_day(value: str) -> str:
    """Return the day of a moment (ISO 8601) as the reader writes it."""
    return formats.date_format(timezone.localtime(datetime.fromisoformat(value)), "DATE_FORMAT")


def word_minutes(seconds: float) -> str:
    return formats.number_format(round(seconds / 60, 1))


def word_provider(slug: str) -> str:
    return next((name for label in BillingHooks.values_of("provider_label") if (name := label(slug))), slug)


MESSAGE_VALUES: dict[str, Any] = {
    "bytes": filesizeformat,
    "day": word_day,
    "minutes": word_minutes,
    "provider": word_provider,
}
