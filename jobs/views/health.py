"""Health of the job system, for monitors, containers and operators."""

import shutil
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.models import Count
from django.db.models.functions import Now
from django.http import HttpResponse
from django.template.defaultfilters import filesizeformat
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from common import hooks
from jobs.models import Heartbeat, Job, State
from jobs.worker import clock, heartbeat

LIMIT = timedelta(seconds=120)
ROLES = {heartbeat.WORKERS: gettext_lazy("workers"), heartbeat.DISPATCHER: gettext_lazy("dispatcher")}


def find_warnings() -> list[str]:
    """Return what operators should repair although jobs are processed. Monitors ignore it."""
    return [sentence for checks in hooks.values_of("health_checks") for check in checks for sentence in check()]


def find_problems() -> list[str]:
    """Return sentences about what keeps jobs from being processed, none if all is well."""
    problems = []
    since, soon = Now() - LIMIT, Now() + clock.TOLERANCE  # rows may lie in the future after the clock was set back
    if Job.objects.due().filter(next_run_at__lt=since).exists():
        problems.append(_("A job has been overdue for more than two minutes."))
    if clock.was_set_back():
        problems.append(_("The database's clock was set back. Jobs may wait longer; correct the clock."))
    for role, name in ROLES.items():
        if not Heartbeat.objects.filter(name__startswith=f"{role}@", last_progress_at__range=(since, soon)).exists():
            problems.append(_("No heartbeat from the %(role)s for two minutes.") % {"role": name})
    return problems


def collect_facts() -> list[tuple]:
    """Return pairs of label and value for the health page."""
    counts = dict(Job.objects.active().order_by().values_list("state").annotate(n=Count("pk")))
    active = ", ".join(f"{state.label} {counts[state]}" for state in State if state in counts)
    recent = Job.objects.ended().filter(finished_at__gt=Now() - timedelta(days=1))
    oldest = Job.objects.due().order_by("next_run_at").values_list("next_run_at", flat=True).first()
    return [
        (_("Jobs in progress"), active or _("none")),
        (_("Longest overdue since"), localize(oldest) if oldest else _("no jobs are due")),
        (_("Finished in the last 24 hours"), recent.count()),
        (_("Of these unsuccessful"), recent.exclude(state__in=[State.READY, State.CANCELLED]).count()),
        (_("Free disk space"), filesizeformat(shutil.disk_usage(settings.VAR_DIR).free)),
        (_("Database"), connection.vendor),
        (_("Email delivery"), _("working") if settings.HAS_MAIL else _("no mail server, so nothing is sent")),
    ]


@require_safe
@login_not_required
def healthz(request):
    """Respond 200 while due jobs are processed in time, else 503 with the reasons."""
    problems = find_problems()
    text = "\n".join(problems or ["ok"])
    return HttpResponse(f"{text}\n", content_type="text/plain", status=503 if problems else 200)
