"""Submissions whose provider may still report a result."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from jobs.models import TERMINAL, Attempt

# How long after its intent was stored a submission that was given up is still searched for at the provider.
SEARCH_PERIOD = timedelta(days=7)


def awaited_attempts():
    """Return the live attempts of unfinished jobs, and those abandoned so recently that they are still searched for."""
    live = Q(outcome__in=Attempt.LIVE) & ~Q(job__state__in=TERMINAL)
    recent = Q(outcome=Attempt.Outcome.ABANDONED, intent_at__gt=timezone.now() - SEARCH_PERIOD)
    return Attempt.objects.filter(live | recent)
