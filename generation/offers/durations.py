"""How long clips usually take and how often they fail, by this installation's own jobs."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generation.providers.base import Estimate, Provider
from jobs.estimates import durations

ELSEWHERE = "clip_elsewhere"  # the kind of jobs of clips that a provider makes (generation/job_kinds.py)


def get_usual_seconds(engine: Provider, model: str, estimate: Estimate, size: tuple[int, int] | None = None) -> float:
    """Return the usual time from sending a clip to its end, in seconds: the median of this installation's last clips.

    ``size``: seconds and resolution. Falls back to the estimate for local providers, and for a model with too few
    clips.
    """
    if engine.is_local:
        return estimate.seconds
    found = durations.load().find_seconds(ELSEWHERE, engine.slug, model, size and durations.get_size(*size))
    return estimate.seconds if found is None else found


def describe_wait(seconds: float) -> str:
    """Return an expected time in words: "about 40 s", "about 6 min"."""
    if seconds < 90:
        n = max(1, round(seconds))
        return ngettext("about %(n)s s", "about %(n)s s", n) % {"n": n}
    n = round(seconds / 60)
    return ngettext("about %(n)s min", "about %(n)s min", n) % {"n": n}


def describe_failures(engine: Provider, model: str) -> str:
    """Return the share of clips of a provider's model that failed in the last 24 hours, as "4 % fail today", or "" if
    too few ended."""
    if engine.is_local:
        return ""
    share = durations.load().failures.get((ELSEWHERE, engine.slug, model, durations.ANY_SIZE))
    return "" if share is None else _("%(n)s %% fail today") % {"n": round(100 * share)}
