"""Health of the job system, for monitors, containers and operators."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import connection
from django.db.models import Count, DurationField, ExpressionWrapper, F, Q
from django.db.models.functions import Now
from django.http import HttpResponse
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from accounts import maintenance
from common.hooks import SiteHooks
from jobs.models import Heartbeat, Job, State
from jobs.runtime import clock, heartbeat

LIMIT = timedelta(seconds=120)
MAX_CLOCK_DIFFERENCE = 2  # seconds
MIN_FREE_DISK = 5_000_000_000  # bytes
MANY_FAILURES = 5  # of a day; fewer are not worth a warning
AGE = ExpressionWrapper(Now() - F("last_progress_at"), output_field=DurationField())
ROLE_NAMES = {heartbeat.WORKERS: gettext_lazy("Workers"), heartbeat.DISPATCHER: gettext_lazy("Dispatcher")}
ROLES = {heartbeat.WORKERS: gettext_lazy("workers"), heartbeat.DISPATCHER: gettext_lazy("dispatcher")}


def find_warnings() -> list[str]:
    """Return sentences about what operators should repair although jobs are processed. Monitors ignore them."""
    return [sentence for checks in SiteHooks.values_of("health_checks") for check in checks for sentence in check()]


def find_problems() -> list[str]:
    """Return sentences about what keeps jobs from being processed, none if all is well."""
    problems = []
    since, soon = Now() - LIMIT, Now() + clock.TOLERANCE  # rows may lie in the future after the clock was set back
    if not maintenance.is_on() and Job.objects.due().filter(next_run_at__lt=since).exists():
        problems.append(_("A job has been overdue for more than two minutes."))
    if clock.was_set_back():
        problems.append(_("The database's clock was set back. Jobs may wait longer; correct the clock."))
    for role, name in ROLES.items():
        if not Heartbeat.objects.filter(name__startswith=f"{role}@", last_progress_at__range=(since, soon)).exists():
            problems.append(_("No heartbeat from the %(role)s for two minutes.") % {"role": name})
    return problems


def check_services() -> list[tuple]:
    """Check what the studio depends on. Returns (name, problem) of each service; no problem is an empty string.

    Call this on the health page only: the check of a service that does not respond takes seconds.
    """
    checks = {_("Live updates and cache"): _check_cache, _("Clocks"): _check_clocks}
    for found in SiteHooks.values_of("service_checks"):
        checks |= found
    return [(name, check()) for name, check in checks.items()]


def _check_cache() -> str:
    try:
        cache.get("health")
    except (RedisConnectionError, RedisTimeoutError) as error:
        return str(error)
    return ""


def _check_clocks() -> str:
    """Compare this machine's clock with the database's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT CURRENT_TIMESTAMP")
        [time] = cursor.fetchone()
    if isinstance(time, str):  # SQLite, which uses this machine's clock
        return ""
    difference = abs((timezone.now() - time).total_seconds())
    if difference > MAX_CLOCK_DIFFERENCE:
        return _("the clocks of this machine and the database differ by %(n)d seconds") % {"n": difference}
    return ""


def list_figures(services: Sequence[tuple] = ()) -> list[tuple]:
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
        *((name, problem or _("working")) for name, problem in services),
        (_("Email delivery"), _("working") if settings.HAS_MAIL else _("no mail server, so nothing is sent")),
    ]


@dataclass(frozen=True)
class Part:
    """A part of the studio on the operators' page: its state in words and, if it is not well, what to do."""

    name: str
    state: str
    is_well: bool = True
    advice: str = ""


def list_parts() -> list[Part]:
    """Return the parts of the studio. Takes seconds if a service does not respond."""
    return [*_list_processes(), _describe_queue(), _describe_last_day(), _describe_disk(), *_list_services()]


def _list_processes() -> list[Part]:
    newest: dict[str, timedelta] = {}
    for beat in Heartbeat.objects.annotate(age=AGE).order_by("last_progress_at"):
        newest[beat.name.partition("@")[0]] = beat.age
    parts = []
    for role, name in ROLE_NAMES.items():
        age = newest.get(role)
        is_well = age is not None and -clock.TOLERANCE < age < LIMIT
        state = _("working") if is_well else _("silent for more than two minutes")
        state = _("never started") if age is None else state
        parts.append(Part(str(name), state, is_well, "" if is_well else _("Restart the worker and look at its log.")))
    return parts


def _describe_queue() -> Part:
    due = Job.objects.due()
    count, is_late = due.count(), due.filter(next_run_at__lt=Now() - LIMIT).exists()
    state = ngettext("%(n)s job is due", "%(n)s jobs are due", count) % {"n": count} if count else _("no backlog")
    advice = _("Jobs are overdue: there are too few workers, or they hang. Restart the worker or raise WORKERS.")
    return Part(_("Queue"), state, not is_late, advice if is_late else "")


def _describe_last_day() -> Part:
    recent = Job.objects.ended().filter(finished_at__gt=Now() - timedelta(days=1))
    bad = ~Q(state__in=[State.READY, State.READY_DEGRADED, State.CANCELLED])
    counts = recent.aggregate(all=Count("pk"), bad=Count("pk", filter=bad))
    ended = ngettext(
        "%(all)s job ended, %(bad)s without success",
        "%(all)s jobs ended, %(bad)s of them without success",
        counts["all"],
    )
    state = ended % counts if counts["all"] else _("no jobs ended")
    is_well = counts["bad"] < max(MANY_FAILURES, counts["all"] / 4)
    return Part(_("Last 24 hours"), state, is_well, "" if is_well else _("Look at the failures by provider."))


def _describe_disk() -> Part:
    disk = shutil.disk_usage(settings.VAR_DIR)
    sizes = {"free": filesizeformat(disk.free), "total": filesizeformat(disk.total)}
    is_well = disk.free > MIN_FREE_DISK
    advice = "" if is_well else _("Make room: jobs wait when the disk is full.")
    return Part(_("Disk"), _("%(free)s of %(total)s free") % sizes, is_well, advice)


def _list_services() -> list[Part]:
    parts = [
        Part(str(name), problem or _("working"), not problem, problem and _("Start or install it."))
        for name, problem in check_services()
    ]
    mail = _("working") if settings.HAS_MAIL else _("no mail server, so nothing is sent")
    backups = _("made outside the studio, which does not know when the last one was")
    return [*parts, Part(_("Email delivery"), mail), Part(_("Backups"), backups)]


@require_safe
@login_not_required
def healthz(request):
    """Respond 200 while due jobs are processed in time, else 503 with the reasons.

    Warnings are only counted: anybody may read this, and their sentences name connections.
    """
    problems, count = find_problems(), len(find_warnings())
    lines = problems or ["ok"]
    if count:
        sentence = ngettext("%(n)s warning on the health page", "%(n)s warnings on the health page", count)
        lines.append(sentence % {"n": count})
    text = "\n".join(lines)
    return HttpResponse(f"{text}\n", content_type="text/plain", status=503 if problems else 200)
