"""Reports about submissions without a response, and late results: clips made after their job was given up.

An unambiguous late result becomes a take of its own for the owner of the clip, free of charge, and is logged.
Tombstones keep the tasks of deleted jobs from being matched to another user's clip.
"""

import logging
from datetime import timedelta
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat, Now
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.billing import ledger
from accounts.billing.models import Payer
from common.database.constraints import is_violation_of
from generation.clip_spec import ClipSpec
from generation.models import Clip, ClipReference, TaskTombstone
from generation.models.task_tombstone import digest_server
from generation.providers import registry
from generation.providers.awaited_attempts import SEARCH_PERIOD
from generation.providers.connections.open_connection import find_base_url, open_connection
from generation.providers.errors import RemoteError
from generation.providers.models import Connection, WebhookEvent
from generation.providers.parsing import is_id
from generation.providers.remote import Billing, RemoteProvider, Submitted
from generation.signals import late_result_kept
from generation.worker import messages
from jobs import services as jobs
from jobs.lifecycle import transitions
from jobs.models import TERMINAL, Attempt, Job, State
from jobs.states import GOOD_ENDS

log = logging.getLogger("generation.worker.late_results")
KEY_PREFIX, KIND = "extra-", "clip_elsewhere"
REF_PREFIX = "x-"  # of the client_ref of a late result's attempt; the id of the abandoned attempt follows
IS_REFERENCED = Concat(Value(REF_PREFIX), Cast(OuterRef("pk"), CharField()))
IS_TRACKED = gettext_lazy(
    "%(provider)s has since confirmed that it has this job. We’re still tracking it and won’t resend it."
)
TOMBSTONES_KEPT = timedelta(days=30)  # no provider is known to keep or list a task for longer


def list_abandoned_attempts():
    """Return the abandoned attempts whose results were not kept yet."""
    rows = Attempt.objects.filter(outcome=Attempt.Outcome.ABANDONED).select_related("job")
    return rows.exclude(Exists(Attempt.objects.filter(client_ref=IS_REFERENCED)))


def find_reported_submission(attempt: Attempt) -> Submitted | None:
    """Return the task that was reported for an attempt without a response; None if there is none.

    The report is a response that the database missed, or the first task that a callback names with our reference.
    Some callbacks are unsigned: a task of another job is ignored. The provider is not asked.
    """
    if attempt.response:
        return Submitted(**attempt.response)
    named = WebhookEvent.objects.tasks_of(attempt)
    task_id = next((name for name in named if is_id(name) and not is_taken(attempt, name)), None)
    return Submitted(task_id, attempt.handle | {"id": task_id}) if task_id else None


def can_call_back(attempt: Attempt | None, engine: RemoteProvider, connection: Connection) -> bool:
    """Return whether a callback can still report the attempt: one was requested, and its signature can be verified."""
    try:
        opened = open_connection(connection, attempt.key_version if attempt else None)
        return engine.has_callbacks(opened, attempt.handle if attempt else {})
    except RemoteError:  # a key that cannot be decrypted verifies nothing
        return False


def is_taken(attempt: Attempt, task_id: str) -> bool:
    """Return whether the task belongs to another attempt, or to a deleted job.

    Two connections may use the same account, so tasks of other connections count if they have the same server. At
    another server the same id means another task, since self-hosted servers may simply number their tasks.
    """
    others = Attempt.objects.filter(provider=attempt.provider, provider_task_id=task_id).exclude(pk=attempt.pk)
    connection_ids = set(others.values_list("connection_id", flat=True))
    tombstones = TaskTombstone.objects.filter(provider=attempt.provider, task_id=task_id)
    if attempt.connection_id in connection_ids or not (connection_ids or tombstones.exists()):
        return bool(connection_ids)
    connections = Connection.objects.in_bulk((connection_ids | {attempt.connection_id}) - {None})
    server = find_server(connections.get(attempt.connection_id))
    servers = {find_server(connections.get(pk)) for pk in connection_ids}
    if servers and (server is None or servers & {server, None}):
        return True
    return tombstones.at_server(server).exists()


def find_server(connection: Connection | None) -> tuple[str, str] | None:
    """Return host and path of the connection's server; None for an unknown server, which may be any."""
    if connection is None or connection.provider not in registry.providers():
        return None
    parts = urlsplit(find_base_url(connection))
    return parts.netloc.lower(), parts.path


def load_sent_clip(attempt: Attempt) -> Clip | None:
    """Return the clip as this attempt sent it: a retry may have changed its job, connection, provider and model."""
    clip = Clip.objects.filter(pk=attempt.job.params.get("clip")).first()
    if clip and attempt.connection_id:
        clip.connection = Connection.objects.filter(pk=attempt.connection_id).first()
    if clip:
        clip.provider, clip.model = attempt.provider, attempt.job.model
    return clip


def receive_report(sender, attempt: Attempt, found: Submitted, **more) -> None:
    """Handle ``result_reported``: a callback names the task of an abandoned attempt."""
    keep_late_result(attempt, found)


def keep_late_result(attempt: Attempt, found: Submitted) -> Job | None:
    """Keep the result of an abandoned attempt as a take of its own that costs nothing.

    Returns the job of that take; None if the result is kept already or belongs to another job, if the clip is gone, or
    if its workspace accepts no jobs.
    """
    clip = load_sent_clip(attempt)
    if clip is None or _is_kept(attempt):
        return None
    try:
        with transaction.atomic():
            job = _create_take(attempt, found, clip)
    except (IntegrityError, jobs.JobRefused) as refusal:
        if isinstance(refusal, IntegrityError) and not _belongs_to_another(refusal):
            raise  # no job has the result, so the caller must keep its record of it
        log.info("late result of attempt %s is not kept: %s", attempt.pk, type(refusal).__name__)
        return None
    log.warning("late result of job %s is kept as a free take: job %s", attempt.job_id, job.pk)
    return job


def _is_kept(attempt: Attempt) -> bool:
    rows = Job.objects.filter(workspace=attempt.job.workspace_id, kind=KIND)  # users choose the keys of other kinds
    return rows.filter(idem_key=f"{KEY_PREFIX}{attempt.pk}").exists()


def _belongs_to_another(error: IntegrityError) -> bool:
    constraints = ((Job, "one_job_per_key"), (Attempt, "one_job_per_provider_task"))
    return any(is_violation_of(error, model, name) for model, name in constraints)


def _create_take(attempt: Attempt, found: Submitted, clip: Clip) -> Job:
    jobs.lock_workspace(clip.workspace)
    last = Clip.objects.filter(request=clip.request).order_by("-take").values_list("take", flat=True).first() or 0
    spec = ClipSpec.from_clip(clip)
    take = spec.build_clip(
        title=clip.title,
        take=last + 1,
        has_missing_source=clip.has_missing_source,
        workspace=clip.workspace,
        created_by=clip.created_by,
        request=clip.request,
    )
    take.job = jobs.submit(
        workspace=clip.workspace,
        by=clip.created_by,
        kind=KIND,
        title=clip.title,
        provider=clip.provider,
        page=take.get_absolute_url(),
        model=clip.model,
        params={"clip": str(take.pk)},
        seconds=clip.seconds,
        resolution=clip.resolution,
        payer=Payer.SITE if _is_site_connection(attempt) else Payer.OWN,
        story_id=attempt.job.story_id,
        is_limited=False,
        idem_key=f"{KEY_PREFIX}{attempt.pk}",
    )
    take.save(force_insert=True)
    ClipReference.objects.bulk_create(
        ClipReference(clip=take, picture=picture, position=n) for n, picture in enumerate(spec.references)
    )
    _start_polling(take.job, attempt, found)
    late_result_kept.send(sender=Clip, clip=clip, extra=take)
    return take.job


def _start_polling(job: Job, attempt: Attempt, found: Submitted) -> None:
    """Create the accepted attempt of the new job, write off its cost, and move the job to RUNNING."""
    now = timezone.now()
    Attempt.objects.create(
        job=job,
        n=1,
        client_ref=f"{REF_PREFIX}{attempt.pk}",
        provider=attempt.provider,
        connection_id=attempt.connection_id,
        key_version=attempt.key_version,
        handle=found.handle,
        provider_task_id=found.task_id,
        outcome=Attempt.Outcome.ACCEPTED,
        answered_at=now,
    )
    _write_off(attempt)
    engine = registry.providers()[attempt.provider]
    label = messages.get_english_label(engine)
    times = {"started_at": now, "deadline_at": now + timedelta(seconds=engine.traits.deadline)}
    is_free = _is_site_connection(attempt) or engine.traits.billing == Billing.FREE
    transitions.move(job, State.SUBMITTING, reason=f"{'late_result' if is_free else 'late_result_paid'}|{label}")
    transitions.move(job, State.RUNNING, reason=f"accepted|{label}|{found.task_id[:60]}", **times)


def _write_off(attempt: Attempt) -> None:
    """Write off what the site's account was, or may be, charged for the attempt: the user was refunded, or pays for
    another attempt."""
    engine, price = registry.providers().get(attempt.provider), attempt.job.price
    if _is_site_connection(attempt) and price and engine and engine.traits.billing != Billing.FREE:
        ledger.write_off(attempt.job_id, amount=price, n=attempt.n)


def _is_site_connection(attempt: Attempt) -> bool:
    return Connection.objects.filter(pk=attempt.connection_id, owner=None, workspace=None).exists()


def is_late_result(job: Job) -> bool:
    """Return whether the job downloads a late result. Keys that users send end in a dot and a number instead."""
    suffix = job.idem_key.removeprefix(KEY_PREFIX)
    return job.kind == KIND and suffix.isdecimal() and job.idem_key.startswith(KEY_PREFIX)


def find_jobs_with_kept_result(job_ids):
    """Return the ids of the jobs whose late result was kept, or is being downloaded, as a take outside the trash."""
    kept = Attempt.objects.filter(client_ref=IS_REFERENCED, job__deleted_at=None)
    kept = kept.exclude(job__state__in=TERMINAL - GOOD_ENDS)
    rows = Attempt.objects.filter(Exists(kept), job__in=job_ids, outcome=Attempt.Outcome.ABANDONED)
    return rows.values_list("job_id", flat=True)


def find_jobs_with_reported_result(job_ids) -> set:
    """Return the ids of the abandoned jobs whose result was reported within SEARCH_PERIOD and is not kept yet."""
    rows = list_abandoned_attempts().filter(job__in=job_ids, intent_at__gt=timezone.now() - SEARCH_PERIOD)
    installed = registry.providers()
    return {row.job_id for row in rows if row.provider in installed and find_reported_submission(row)}


def check_no_late_result(job: Job, provider_label: str) -> None:
    """Refuse a second purchase of a result that was kept or reported. Raises JobRefused."""
    if find_jobs_with_kept_result([job]).exists():
        kept = _("%(provider)s finished this after all; it was added as another take.") % {"provider": provider_label}
        raise jobs.JobRefused(f"{kept} {_('Nothing was started.')}")
    if find_jobs_with_reported_result([job]):
        raise jobs.JobRefused(IS_TRACKED % {"provider": provider_label})


def create_tombstones(job: Job) -> None:
    """Keep the ids of the tasks that may exist at the provider, before their job is deleted. May be repeated."""
    may_exist = Q(outcome__in=Attempt.LIVE) | Q(pk__in=list_abandoned_attempts().values("pk"))
    sent = job.attempts.filter(may_exist, intent_at__gt=Now() - TOMBSTONES_KEPT)
    TaskTombstone.objects.bulk_create([_build_tombstone(attempt, job.model) for attempt in sent], ignore_conflicts=True)


def _build_tombstone(attempt: Attempt, model: str) -> TaskTombstone:
    reported = None if attempt.provider_task_id else find_reported_submission(attempt)
    task_id = reported.task_id if reported else attempt.provider_task_id
    server = find_server(Connection.objects.filter(pk=attempt.connection_id).first())
    return TaskTombstone(
        provider=attempt.provider,
        server=digest_server(server),
        task_id=task_id,
        model="" if task_id else model,
        sent_at=attempt.intent_at,
    )


def delete_old_tombstones() -> None:
    TaskTombstone.objects.filter(sent_at__lt=Now() - TOMBSTONES_KEPT).delete()
