"""Sum the closed holds of jobs in the database: how many, what they made, what was charged.

A job counts on the day on which its hold was closed, so that a day that has ended does not change any more.
"""

from django.db.models import BigIntegerField, Case, Count, F, Q, Sum, Value, When
from django.db.models.functions import Cast, Coalesce

from accounts.billing.hooks import BillingHooks
from accounts.billing.models import Hold

FIGURES = ("jobs", "failed", "clips", "clip_seconds", "films", "film_seconds", "charged", "paid")
WORKS = ("clip", "film")  # names in the hook ``seconds_made``
NOTHING = Value(0, output_field=BigIntegerField())
MILLION = Value(1_000_000, output_field=BigIntegerField())


def sum_holds(holds, *keys: str):
    """Return dictionaries with ``keys`` and ``sum_…`` of each of FIGURES over these holds (a query).

    ``charged`` is in the wallet's currency, ``paid`` the same in the currency of the provider's price.
    """
    rows = annotate_seconds(holds).annotate(paid_each=_build_paid()).order_by().values(*keys)
    return rows.annotate(
        sum_jobs=Count("job_id"),
        sum_failed=Count("job_id", filter=Q(state=Hold.State.RELEASED)),
        sum_clips=Count("clip_length"),
        sum_clip_seconds=Coalesce(Sum("clip_length"), NOTHING),
        sum_films=Count("film_length"),
        sum_film_seconds=Coalesce(Sum("film_length"), NOTHING),
        sum_charged=Coalesce(Sum("charged"), NOTHING),
        sum_paid=Coalesce(Sum("paid_each"), NOTHING),
    )


def sum_days(days, *keys: str):
    """Return the same dictionaries as ``sum_holds`` for these rows of UsageDay or StoryDay (a query)."""
    sums = {f"sum_{name}": Coalesce(Sum(name), NOTHING, output_field=BigIntegerField()) for name in FIGURES}
    return days.order_by().values(*keys).annotate(**sums)


def annotate_seconds(holds):
    """Annotate holds with ``clip_length`` and ``film_length``: seconds of what the job made, null for nothing."""
    made = BillingHooks.merged("seconds_made")
    nothing = Value(None, output_field=BigIntegerField())  # for an installation without the app that makes them
    return holds.annotate(**{f"{name}_length": Cast(made.get(name, nothing), BigIntegerField()) for name in WORKS})


def _build_paid():
    charged = Coalesce("charged", NOTHING)
    return Case(
        When(Q(price=None) | Q(rate=None), then=charged),
        When(charged=F("amount"), then=F("price")),
        default=charged * MILLION / F("rate"),
        output_field=BigIntegerField(),
    )
