"""The strikes and bans of a profile that are in force."""

from dataclasses import dataclass

from django.db.models import Sum
from django.utils import timezone

from gallery.models import Ban, Strike


@dataclass(frozen=True)
class Sanctions:
    """``points``: of all strikes together."""

    points: int
    bans: list[Ban]


def find_sanctions(profiles) -> Sanctions:
    """Return the sanctions of these profiles (a query or a list)."""
    strikes = Strike.objects.filter(profile__in=profiles, voided_at=None, ends_at__gt=timezone.now())
    points = strikes.aggregate(sum=Sum("points"))["sum"] or 0
    return Sanctions(points, list(Ban.objects.in_force().filter(profile__in=profiles)))
