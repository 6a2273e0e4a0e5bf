"""Periodic tasks (empty the trash, remove what crashed steps left behind) and invariants of the ledger and of jobs.

All apps add theirs (common.hooks.SiteHooks).
"""

import contextlib
import logging
import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.billing.models import Entry, Hold, Wallet
from common.hooks import SiteHooks
from jobs import events, registry, services
from jobs.lifecycle import recovery
from jobs.models import Attempt, Job, State
from jobs.runtime import heartbeat
from jobs.states import GOOD_ENDS

log = logging.getLogger("jobs.maintenance")
TRASH_DAYS = 30
LEFTOVER_SECONDS = 2 * 3600
ACCEPTED_STATES = {State.RUNNING, State.FETCHING, State.STORED}  # of a job at a provider
BUCKETS = ("available", "reserved", "spent")


def run_periodic_tasks() -> None:
    """Run all periodic tasks. One that fails is logged and does not stop the others."""
    for name, task in SiteHooks.merged("periodic_tasks").items():
        try:
            heartbeat.record_progress()  # together they may exceed the watchdog's limit
            task()
        except Exception:
            log.exception("periodic task %s", name)


def purge_trash() -> None:
    """Delete jobs permanently after 30 days in the trash; jobs of hidden kinds as soon as they are done.

    Jobs that were deleted while they ran are kept for 30 days as well: they may have been paid for.
    """
    old = Q(deleted_at__lt=Now() - timedelta(days=TRASH_DAYS))
    hidden = Q(state__in=GOOD_ENDS, kind__in=registry.hidden_kinds())
    expired = Job.objects.ended().exclude(deleted_at=None).filter(old | hidden)
    for job in expired.select_related("workspace")[:200]:
        _purge(job, expired)


@transaction.atomic
def _purge(job: Job, expired) -> None:
    """Purge the job unless it was restored since the list was read. The lock prevents a restore meanwhile."""
    services.lock_workspace(job.workspace)
    if locked := expired.select_for_update().filter(pk=job.pk).first():
        services.purge(locked)


def clear_work_folders() -> None:
    """Remove the private folders of crashed steps. No step uses its folder for more than two hours."""
    if not settings.WORK_DIR.is_dir():
        return
    kept = {name for names in SiteHooks.values_of("kept_work_folders") for name in names}
    for folder in settings.WORK_DIR.iterdir():
        if folder.name not in kept and time.time() - folder.stat().st_mtime > LEFTOVER_SECONDS:
            shutil.rmtree(folder) if folder.is_dir() else folder.unlink(missing_ok=True)


def clear_uploads() -> None:
    """Remove uploads that a crashed web process left: those that nothing was written to for LEFTOVER_SECONDS.

    An upload in progress is written to all the time, and a complete one is stored or rejected within minutes.
    """
    if not settings.FILE_UPLOAD_TEMP_DIR.is_dir():
        return
    for path in settings.FILE_UPLOAD_TEMP_DIR.iterdir():
        with contextlib.suppress(FileNotFoundError):  # its own process removed it just now
            if time.time() - _last_written(path) > LEFTOVER_SECONDS:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def _last_written(path: Path) -> float:
    """Return when the file, or any file in the folder, was last written."""
    return max(file.stat().st_mtime for file in (path, *path.rglob("*")))


PERIODIC_TASKS = {
    "purge trash": purge_trash,
    "clear work folders": clear_work_folders,
    "clear uploads": clear_uploads,
}


def find_violations(*, only_quick: bool = False) -> list[str]:
    """Return a sentence for each violation, of all apps; ``only_quick`` leaves out checks that read files."""
    checks = SiteHooks.merged("invariants") | ({} if only_quick else SiteHooks.merged("slow_invariants"))
    return [f"{_(name)}: {sentence}" for name, check in checks.items() for sentence in check()]


def check_movements_add_up() -> Iterator[str]:
    sums = Entry.objects.values("txn").annotate(total=Sum("amount")).exclude(total=0)
    for row in sums.order_by():
        yield _("transaction %(txn)s adds up to %(total)s, not to zero") % row


def check_wallets_match_entries() -> Iterator[str]:
    sums = {f"sum_{name}": Sum("entries__amount", filter=Q(entries__bucket=name), default=0) for name in BUCKETS}
    for wallet in Wallet.objects.annotate(**sums):
        for name in BUCKETS:
            if getattr(wallet, name) != getattr(wallet, f"sum_{name}"):
                facts = {
                    "id": wallet.pk,
                    "amount": getattr(wallet, name),
                    "bucket": Wallet._meta.get_field(name).verbose_name,
                }
                yield _("wallet %(id)s shows %(amount)s %(bucket)s, but its entries say otherwise") % facts


def check_nothing_is_negative() -> Iterator[str]:
    overdrawn = Q(is_unlimited=False, available__lt=0) | Q(reserved__lt=0) | Q(spent__lt=0)
    for wallet in Wallet.objects.filter(overdrawn):
        yield _("wallet %(id)s is below zero") % {"id": wallet.pk}


def check_ended_jobs_are_paid_once() -> Iterator[str]:
    ended = Job.objects.ended()
    closed = Hold.objects.exclude(state=Hold.State.HELD).values("job_id")
    for pk in ended.exclude(pk__in=closed).values_list("pk", flat=True):
        yield _("job %(id)s has ended, but its amount on hold is neither settled nor released") % {"id": pk}
    closing = Entry.objects.filter(kind__in=["settle", "release"], bucket="reserved").values("job_id")
    for row in closing.annotate(n=Count("pk")).filter(n__gt=1).order_by():
        yield _("job %(job_id)s was settled or released %(n)s times") % row


def check_holds_belong_to_active_jobs() -> Iterator[str]:
    open_holds = Hold.objects.filter(state=Hold.State.HELD)
    for hold in open_holds.exclude(job_id__in=Job.objects.active().values("pk")):
        facts = {"amount": hold.amount, "id": hold.job_id}
        yield _("%(amount)s is on hold for job %(id)s, which is not active") % facts


def check_one_purchase_per_job() -> Iterator[str]:
    bought = Attempt.objects.filter(outcome=Attempt.Outcome.ACCEPTED).values("job_id").annotate(n=Count("pk"))
    for row in bought.filter(n__gt=1).order_by():
        yield _("job %(job_id)s was accepted %(n)s times by its provider") % row


def check_no_job_is_forgotten() -> Iterator[str]:
    late = Job.objects.active().exclude(state=State.STUCK).filter(next_run_at__lt=Now() - timedelta(hours=1))
    unleased = late.filter(Q(lease_until=None) | Q(lease_until__lt=Now()))
    for pk in unleased.values_list("pk", flat=True):
        yield _("job %(id)s has been overdue for more than an hour") % {"id": pk}


def check_history() -> Iterator[str]:
    for job in Job.objects.active().annotate(n_events=Count("events")).filter(n_events=0):
        yield _("job %(id)s has no history") % {"id": job.pk}
    for job in Job.objects.ended().filter(price_charged__gt=F("price_reserved")):
        yield _("job %(id)s was charged more than was on hold for it") % {"id": job.pk}


def end_jobs_after_restore() -> list[Job]:
    """Cancel each job that may have been sent or paid since the backup was taken, and would be again.

    Returns those jobs. What its provider has accepted goes on: it is only fetched. All leases end, since a worker of
    before may still hold them.
    """
    leased = Job.objects.active().exclude(lease_until=None)
    leased.update(fence=F("fence") + 1, lease_until=None, lease_owner="", next_run_at=Now())
    buying = [kind.name for kind in registry.all_kinds() if kind.may_buy]
    found = Job.objects.active().filter(kind__in=buying).order_by("created_at").select_related("workspace")
    return [services.cancel(job, by=events.STUDIO) for job in found if not _is_only_fetched(job)]


def _is_only_fetched(job: Job) -> bool:
    """Return whether no step of the job sends a request that costs money, because its provider has accepted it."""
    if registry.kind_of(job).is_local:
        return False
    if job.state == State.STUCK:
        return recovery.live_attempt(job) is not None
    return job.state in ACCEPTED_STATES


INVARIANTS = {
    gettext_noop("I1 transactions add up"): check_movements_add_up,
    gettext_noop("I2 wallets match their entries"): check_wallets_match_entries,
    gettext_noop("I3 nothing is negative"): check_nothing_is_negative,
    gettext_noop("I4 ended jobs are paid for once"): check_ended_jobs_are_paid_once,
    gettext_noop("I5 amounts on hold belong to active jobs"): check_holds_belong_to_active_jobs,
    gettext_noop("I6 one purchase per job"): check_one_purchase_per_job,
    gettext_noop("I9 no job is forgotten"): check_no_job_is_forgotten,
    gettext_noop("history"): check_history,
}
