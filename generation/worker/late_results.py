"""Late results: clips that a provider turns out to have made after their job was given up.

An unambiguous result becomes a take of its own for the owner of the clip, free of charge, and is logged.
"""

import logging
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.billing import ledger
from common.database.constraints import is_violation_of
from generation.clip_spec import ClipSpec, clip_request
from generation.models import Clip, ClipReference
from generation.providers.awaited_attempts import SEARCH_PERIOD
from generation.providers.connections.open_connection import with_its_key
from generation.providers.errors import NoAnswer, NotSent, RemoteError
from generation.providers.models import Connection, WebhookEvent
from generation.providers.prompt import composed
from generation.providers.registry import providers
from generation.providers.remote import Billing, Recovery, Submitted
from generation.signals import late_result_kept
from generation.worker import late_answers, messages
from generation.worker.reconcile import MARK, MARKED, given_up, look
from jobs import services as jobs
from jobs.lifecycle import transitions
from jobs.models import GOOD_ENDS, TERMINAL, Attempt, Job, State

log = logging.getLogger("generation.worker.late_results")
AT_ONCE = 50
KEY, KIND = "extra-", "clip_elsewhere"
IS_THERE = _("%(provider)s has since confirmed that it has this job. We’re still tracking it and won’t resend it.")


def look_for_abandoned() -> None:
    """A look for submissions that were given up in the last week, where the provider can be asked or has called: a few
    at a time, those first that nobody looked for longest."""
    young = timezone.now() - SEARCH_PERIOD
    called = WebhookEvent.objects.filter(connection=OuterRef("account"), ref=OuterRef("client_ref"))
    ways = (Recovery.OWN_ID, Recovery.LIST)
    slugs = [slug for slug, each in providers().items() if not each.is_local and each.traits.recovery in ways]
    ways_back = Q(provider__in=slugs) | ~Q(heard={}) | Exists(called.exclude(task_id=""))
    rows = given_up().filter(ways_back, intent_at__gt=young)
    for attempt in rows.order_by(F("reconcile_after").asc(nulls_first=True), "-intent_at")[:AT_ONCE]:
        Attempt.objects.filter(pk=attempt.pk).update(reconcile_after=timezone.now())
        connection = Connection.objects.filter(pk=attempt.account).first()
        clip = clip_of(attempt)
        if found := late_answers.told(attempt):  # a callback may have come just before somebody gave it up
            take_in(attempt, found)
        elif connection and clip and (engine := providers().get(attempt.provider)):
            _look(attempt, engine, connection, clip)


def _look(attempt: Attempt, engine, connection: Connection, clip: Clip) -> None:
    asked = composed(clip_request(clip))
    try:
        found = with_its_key(attempt, connection, lambda account: look(engine, account, attempt, clip, asked))
    except (NotSent, NoAnswer, RemoteError):
        return
    if isinstance(found, Submitted):
        take_in(attempt, found)


def take_in_reported(sender, attempt: Attempt, found: Submitted, **more) -> None:
    """Receive ``result_reported``: a callback names the result of an attempt that was given up."""
    take_in(attempt, found)


def take_in(attempt: Attempt, found: Submitted) -> Job | None:
    """Keep the result of an abandoned attempt as a take of its own that costs nothing.

    Returns the job of that take; None if the result is kept already or belongs to another job, if the clip is gone, or
    if its workspace accepts no jobs.
    """
    clip = clip_of(attempt)
    if clip is None or _was_taken_in(attempt):
        return None
    try:
        with transaction.atomic():
            job = _take_in(attempt, found, clip)
    except (IntegrityError, jobs.JobRefused) as refusal:
        if isinstance(refusal, IntegrityError) and not _is_somebodys(refusal):
            raise  # no job has the result: a caller that holds the only record of it must keep that record
        log.info("late result of attempt %s is not kept: %s", attempt.pk, type(refusal).__name__)
        return None
    log.warning("late result of job %s is kept as a free take: job %s", attempt.job_id, job.pk)
    return job


def _is_somebodys(error: IntegrityError) -> bool:
    return is_violation_of(error, Job, "one_job_per_key") or is_violation_of(
        error, Attempt, "one_job_per_provider_task"
    )


def _write_off(attempt: Attempt) -> None:
    """What the site's own account was charged for it, or may be: its person got the money back, or pays another try."""
    engine, price = providers().get(attempt.provider), attempt.job.price
    if _is_site(attempt) and price and engine and engine.traits.billing != Billing.FREE:
        ledger.write_off(attempt.job_id, amount=price, n=attempt.n)


def _is_site(attempt: Attempt) -> bool:
    return Connection.objects.filter(pk=attempt.account, owner=None, workspace=None).exists()


def _take_in(attempt: Attempt, found: Submitted, clip: Clip) -> Job:
    jobs.lock_workspace(clip.workspace)
    before = Clip.objects.filter(request=clip.request).order_by("-take").values_list("take", flat=True).first() or 0
    spec = ClipSpec.from_clip(clip)
    extra = spec.build_clip(
        title=clip.title, take=before + 1, has_lost_start=clip.has_lost_start, workspace=clip.workspace,
        created_by=clip.created_by, request=clip.request,
    )  # fmt: skip
    job = jobs.submit(
        workspace=clip.workspace, by=clip.created_by, kind=KIND, title=clip.title, provider=clip.provider,
        page=extra.get_absolute_url(), model=clip.model, params={"clip": str(extra.pk)}, is_limited=False,
        idem_key=f"{KEY}{attempt.pk}",
    )  # fmt: skip
    extra.job = job
    extra.save(force_insert=True)
    ClipReference.objects.bulk_create(
        ClipReference(clip=extra, picture=picture, position=n) for n, picture in enumerate(spec.references)
    )
    Attempt.objects.create(
        job=job, n=1, client_ref=f"{MARK}{attempt.pk}", provider=attempt.provider, account=attempt.account,
        key_version=attempt.key_version, handle=found.handle, provider_task_id=found.task_id,
        outcome=Attempt.Outcome.ACCEPTED, answered_at=timezone.now(),
    )  # fmt: skip
    _write_off(attempt)
    engine, now = providers()[attempt.provider], timezone.now()
    name = messages.english_label(engine)
    times = {"started_at": now, "deadline_at": now + timedelta(seconds=engine.traits.deadline)}
    is_late_result = _is_site(attempt) or engine.traits.billing == Billing.FREE
    transitions.move(job, State.SUBMITTING, reason=f"{'extra' if is_late_result else 'extra_paid'}|{name}")
    transitions.move(job, State.RUNNING, reason=f"accepted|{name}|{found.task_id[:60]}", **times)
    late_result_kept.send(sender=Clip, clip=clip, extra=extra)
    return job


def is_late_result(job: Job) -> bool:
    """It fetches what turned up, for free; keys that people send have a number behind a dot."""
    return job.kind == KIND and job.idem_key.removeprefix(KEY).isdecimal() and job.idem_key.startswith(KEY)


def found_of(tries):
    """Which of these jobs gave up what is there by now, or on its way, as a take of its own; not in the bin."""
    lives = Attempt.objects.filter(client_ref=MARKED, job__deleted_at=None)
    lives = lives.exclude(job__state__in=TERMINAL - GOOD_ENDS)
    rows = Attempt.objects.filter(Exists(lives), job__in=tries, outcome=Attempt.Outcome.ABANDONED)
    return rows.values_list("job_id", flat=True)


def check_not_found(job: Job, provider_label: str) -> None:
    """Refuse a second purchase of a result that is here already, or known to exist. Raises JobRefused."""
    if found_of([job]).exists():
        words = _("%(provider)s finished this after all; it was added as another take.") % {"provider": provider_label}
        raise jobs.JobRefused(f"{words} {_('Nothing was started.')}")
    if coming_of([job]):
        raise jobs.JobRefused(IS_THERE % {"provider": provider_label})


def coming_of(tries) -> set:
    """Returns the ids of the jobs among ``tries`` that were given up, and whose result the provider has reported since.
    Results that are no longer searched for do not count."""
    rows = given_up().filter(job__in=tries, intent_at__gt=timezone.now() - SEARCH_PERIOD)
    return {each.job_id for each in rows if each.provider in providers() and late_answers.told(each)}


def clip_of(attempt: Attempt) -> Clip | None:
    """By its own id: a retry has given it another job. As it was sent then, by whose account, to which provider and
    model; the retry may have gone elsewhere."""
    clip = Clip.objects.filter(pk=attempt.job.params.get("clip")).first()
    if clip and attempt.account:
        clip.connection = Connection.objects.filter(pk=attempt.account).first()
    if clip:
        clip.provider, clip.model = attempt.provider, attempt.job.model
    return clip


def _was_taken_in(attempt: Attempt) -> bool:
    rows = Job.objects.filter(workspace=attempt.job.workspace_id, kind=KIND)  # other keys are people's own
    return rows.filter(idem_key=f"{KEY}{attempt.pk}").exists()
