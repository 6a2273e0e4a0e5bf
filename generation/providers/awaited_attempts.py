"""Submissions whose provider may still report a result."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from jobs.models import TERMINAL, Attempt

SEARCH_PERIOD = timedelta(days=7)  # after the intent; a submission that was given up is searched for this long


def awaited_attempts():
    """Return the attempts that are live, or were abandoned so recently that the provider is still searched."""
    live = Q(outcome__in=Attempt.LIVE) & ~Q(job__state__in=TERMINAL)
    recent = Q(outcome=Attempt.Outcome.ABANDONED, intent_at__gt=timezone.now() - SEARCH_PERIOD)
    return Attempt.objects.filter(live | recent)
