"""How much of its monthly limits a workspace uses."""

from math import ceil

from django.db.models import Exists, OuterRef, Q, Sum

from accounts.billing.limits import check_limit, limit_reached, plan_limit_of
from accounts.billing.models import Hold, Payer
from accounts.billing.months import start_of_month
from jobs.models import Job
from jobs.states import GOOD_ENDS, TERMINAL

BAD_ENDS = TERMINAL - GOOD_ENDS


def count_paid_seconds(workspace) -> int:
    """Return the seconds of video this month that the site pays for. Jobs whose hold was refunded do not count."""
    refunded = Hold.objects.filter(job_id=OuterRef("pk"), state=Hold.State.RELEASED)
    rows = _list_jobs_of_month(workspace).filter(~Q(payer=Payer.OWN) | Q(payer=None), price_reserved__gt=0)
    return _sum_seconds(rows.exclude(Exists(refunded)))


def count_film_seconds(workspace) -> int:
    """Return the seconds of this month's films, without failed and cancelled ones."""
    return _sum_seconds(_list_jobs_of_month(workspace).filter(kind="film").exclude(state__in=BAD_ENDS))


def count_film_minutes(workspace) -> int:
    return ceil(count_film_seconds(workspace) / 60)


def check_paid_seconds(workspace, seconds: int | None) -> None:
    """Raise LimitReached if the site pays for no more video this month."""
    check_limit(workspace, "seconds_a_month", count=lambda: count_paid_seconds(workspace), needed=seconds or 0)


def check_film_minutes(workspace, seconds: int) -> None:
    """Raise LimitReached if a film of ``seconds`` exceeds the minutes of film a month."""
    minutes = plan_limit_of(workspace, "film_minutes")
    if minutes is None:
        return
    used = count_film_seconds(workspace)
    if used + seconds > minutes * 60:
        raise limit_reached("film_minutes", used=used, limit=minutes * 60, needed=seconds)


def _list_jobs_of_month(workspace):
    return Job.objects.filter(workspace=workspace, created_at__gte=start_of_month())


def _sum_seconds(rows) -> int:
    return rows.aggregate(total=Sum("seconds", default=0))["total"]
