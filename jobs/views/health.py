"""Whether work gets done: for monitors and container health checks."""

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

LATE = timedelta(seconds=120)
ROLES = {heartbeat.WORKERS: gettext_lazy("workers"), heartbeat.DISPATCHER: gettext_lazy("dispatcher")}


def cares() -> list[str]:
    """What operators should mend though work gets done: no monitor restarts anything for it."""
    return [sentence for checks in hooks.each("health_checks") for check in checks for sentence in check()]


def troubles() -> list[str]:
    """What is wrong with the work as a whole, in sentences; nothing when all is well."""
    found = []
    since, soon = Now() - LATE, Now() + clock.TOLERANCE  # a clock set back leaves later ones
    if Job.objects.due().filter(next_run_at__lt=since).exists():
        found.append(_("A job has been overdue for more than two minutes."))
    if clock.was_set_back():
        found.append(_("The database's clock was set back. Jobs may wait longer; correct the clock."))
    for role, name in ROLES.items():
        if not Heartbeat.objects.filter(name__startswith=f"{role}@", last_progress_at__range=(since, soon)).exists():
            found.append(_("No heartbeat from the %(role)s for two minutes.") % {"role": name})
    return found


def facts() -> list[tuple]:
    """What an operator wants to know first: pairs of a name and a value, both in words."""
    counts = dict(Job.objects.active().order_by().values_list("state").annotate(n=Count("pk")))
    work = ", ".join(f"{state.label} {counts[state]}" for state in State if state in counts)
    lately = Job.objects.ended().filter(finished_at__gt=Now() - timedelta(days=1))
    oldest = Job.objects.due().order_by("next_run_at").values_list("next_run_at", flat=True).first()
    return [
        (_("Jobs in progress"), work or _("none")),
        (_("Longest overdue since"), localize(oldest) if oldest else _("no jobs are due")),
        (_("Finished in the last 24 hours"), lately.count()),
        (_("Of these unsuccessful"), lately.exclude(state__in=[State.READY, State.CANCELLED]).count()),
        (_("Free disk space"), filesizeformat(shutil.disk_usage(settings.VAR_DIR).free)),
        (_("Database"), connection.vendor),
        (_("Email delivery"), _("working") if settings.HAS_MAIL else _("no mail server, so nothing is sent")),
    ]


@require_safe
@login_not_required
def healthz(request):
    """200 while due jobs are taken in time and somebody works; 503 and the reasons otherwise."""
    found = troubles()
    words = "\n".join(found or ["ok"])
    return HttpResponse(f"{words}\n", content_type="text/plain", status=503 if found else 200)
