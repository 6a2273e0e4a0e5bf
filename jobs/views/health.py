"""Whether work gets done: for monitors and container health checks."""

from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.db.models.functions import Now
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from jobs import beats
from jobs.models import Heartbeat, Job

LATE = timedelta(seconds=120)


def troubles() -> list[str]:
    """What is wrong with the work as a whole, in sentences; nothing when all is well."""
    found = []
    since = Now() - LATE
    if Job.objects.due().filter(next_run_at__lt=since).exists():
        found.append("A job has been due for more than two minutes.")
    for role in (beats.WORKERS, beats.DISPATCHER):
        if not Heartbeat.objects.filter(name__startswith=f"{role}@", last_progress_at__gt=since).exists():
            found.append(f"No sign of the {role} for two minutes.")
    return found


@require_safe
@login_not_required
def healthz(request):
    """200 while due jobs are taken in time and somebody works; 503 and the reasons otherwise."""
    found = troubles()
    words = "\n".join(found or ["ok"])
    return HttpResponse(f"{words}\n", content_type="text/plain", status=503 if found else 200)
