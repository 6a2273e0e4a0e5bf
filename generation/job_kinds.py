"""The kinds of jobs that make clips and check uploaded videos."""

from importlib import import_module
from typing import Any, cast

from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from PIL import Image

from common.messages import build_message, join_messages
from generation.clip_spec import build_clip_request
from generation.media import ffmpeg
from generation.media.storage import delete_after_commit
from generation.models import EFFECTS, Clip, PromptRewrite, Video
from generation.providers.models import Connection
from generation.providers.registry import clip_providers, connectable_providers, providers
from generation.providers.remote import Billing, Recovery, RemoteProvider
from generation.services import remedies
from generation.services import retry as clip_retry
from generation.services.storage_use import check_storage
from generation.services.video_uploads import JOB_KIND
from generation.signals import clip_ended, clip_restored
from generation.worker import (
    answer_journal,
    authorization,
    clip_sources,
    connection_pause,
    late_results,
    queueing,
)
from generation.worker.charging import compute_charge, money_message
from generation.worker.download import download_clip
from generation.worker.files import list_file_keys
from generation.worker.ingest import degraded_message, ingest_clip
from generation.worker.language import charge_message
from generation.worker.messages import count_earlier_charges, uninstalled_charge_message
from generation.worker.poll import poll_clip
from generation.worker.reconcile import find_submission, search_again
from generation.worker.render import render_clip
from generation.worker.rewrite import rewrite_prompt
from generation.worker.submission import load_submission, prefetch_submissions
from generation.worker.submit import submit_clip
from generation.worker.validate_upload import validate_upload
from jobs.lifecycle.lease import StepFailed
from jobs.lifecycle.recovery import release_message
from jobs.models import Attempt, Job, State
from jobs.registry import JobKind, UnansweredSubmission
from jobs.services import JobRefused, work_deleted_error

DRAWING = ("generation.animatic.render", "generation.animatic.overlay_rendering", "generation.media.ingest")


class ClipKind(JobKind):
    """A clip that this machine draws."""

    name = "clip"
    label = _("Clip")
    steps = {State.RUNNING: render_clip, State.STORED: ingest_clip}

    def model_label(self, job):
        """Return the model's own label, or its name if this install no longer has the model."""
        engine = clip_providers().get(job.provider)
        try:
            return str(engine.capability(job.model).label) if engine and job.model else job.model or job.provider
        except KeyError:
            return job.model

    def price_today(self, job):
        return clip_retry.price_today(job)

    def prefetch(self, jobs, by):
        clip_retry.prefetch(jobs, by)

    def find_remedies(self, jobs, by):
        return remedies.find_remedies(jobs, by)

    def retryable_ids(self, jobs):
        """Return the ids of the jobs that can be retried.

        Left out are jobs whose clip has a newer job, was superseded or was deleted for good, and jobs whose late result
        was kept or reported.
        """
        rows = clip_retry.read_clips(jobs).filter(has_missing_source=False)
        rows = rows.exclude(job__in=late_results.find_jobs_with_kept_result(jobs))
        abandoned = Attempt.objects.filter(job=OuterRef("job"), outcome=Attempt.Outcome.ABANDONED)
        clips = {clip.job_id: clip for clip in rows.annotate(is_abandoned=Exists(abandoned))}
        cards = [job.card_clip for job in jobs if getattr(job, "card_clip", None)]
        superseded = {clip.pk: clip.superseded for clip in cards if clip.superseded}
        superseded |= clip_retry.find_superseded({clip.pk for clip in clips.values()} - {clip.pk for clip in cards})
        doubtful = [job_id for job_id, clip in clips.items() if clip.is_abandoned]
        reported = late_results.find_jobs_with_reported_result(doubtful) if doubtful else ()
        able = {job_id for job_id, clip in clips.items() if clip.pk not in superseded and job_id not in reported}
        for job in jobs:
            if job.pk in able:
                job.prefetched = clips[job.pk]
        return able

    def get_edit_url(self, job):
        """Return Create with the settings of the clip. Effects are chosen on another page."""
        if job.provider == EFFECTS or "clip" not in job.params:
            return ""
        return f"{reverse('generation:create')}?from={job.params['clip']}"

    def on_end(self, job):
        clip_ended.send(sender=Clip, job=job)

    def on_retry(self, old, new):
        """Move the clip to the new job, with a connection that the user may use. Raises JobRefused for a clip that may
        not be made again, for a retired model, and if the first clip arrived or was reported after all."""
        late_results.check_no_late_result(old, _get_provider_label(old))
        clip = Clip.objects.filter(job=old).select_related("workspace", "connection", "created_by").first()
        if clip is None:
            raise work_deleted_error()
        clip_retry.check_not_superseded(clip)
        clip_sources.check_retry(clip, new.created_by)
        authorization.check_installed(clip.provider)
        authorization.check_not_retired(clip.provider, clip.model, clip.workspace)
        connection = authorization.find_retry_connection(clip, new.created_by)
        authorization.check_clip_limits(clip, connection, clip.workspace)
        authorization.check_priced(clip_providers()[clip.provider].estimate(build_clip_request(clip)), connection)
        check_storage(clip.workspace)
        Clip.objects.filter(pk=clip.pk).update(job=new, connection=connection)

    def on_delete(self, job):
        Clip.objects.filter(job=job).update(deleted_at=Now())

    def on_restore(self, job):
        if clip := Clip.objects.filter(job=job).exclude(deleted_at=None).first():
            Clip.objects.filter(pk=clip.pk).update(deleted_at=None)
            clip_restored.send(sender=Clip, clip=clip)

    def on_purge(self, job):
        """Delete the clip, whose job is deleted next, and its files once no transaction waits for them. A tombstone
        keeps the provider's task ids."""
        late_results.create_tombstones(job)
        if clip := Clip.objects.filter(job=job).first():
            delete_after_commit(list_file_keys(clip))
            clip.delete()

    def preload(self):
        """Load all providers, the animatic, and the readers of pictures and video."""
        connectable_providers()
        clip_providers()
        for module in DRAWING:
            import_module(module)
        Image.init()
        ffmpeg.find_binary()


class RemoteClipKind(ClipKind):
    """A clip that a provider makes."""

    name = "clip_elsewhere"
    steps = {
        State.QUEUED: submit_clip,
        State.SUBMITTING: find_submission,
        State.UNKNOWN: search_again,
        State.RUNNING: poll_clip,
        State.FETCHING: download_clip,
        State.STORED: ingest_clip,
    }
    short_wait_states = frozenset({State.QUEUED, State.SUBMITTING, State.UNKNOWN})
    long_wait_states = frozenset({State.FETCHING})
    is_local = False
    may_buy = True

    def provider_label(self, job):
        return _get_provider_label(job)

    def list_resumed_with(self, job):
        """Return the other clips that are blocked by the pause of the same connection, which ends for all of them."""
        connection = Connection.objects.filter(clips__job=job).first()
        return list(Job.objects.blocked().filter(clip__connection=connection).exclude(pk=job.pk)) if connection else []

    def on_resume(self, job):
        """End the pause of the connection, so that the clip is submitted again at once."""
        if connection := Connection.objects.filter(clips__job=job).first():
            connection_pause.end_pause(connection)

    def cost_label(self, job):
        """Return a hint where the studio recorded no charge, but the provider may bill the user."""
        engine = providers().get(job.provider)
        billing = engine.traits.billing if engine and not engine.is_local else Billing.UNDECLARED
        if billing == Billing.FREE:
            return ""
        if not job.price_reserved:
            return _get_unpriced_label(job, engine)
        is_reserved = job.is_active and not job.was_reopened
        is_free = billing == Billing.SUCCESS and not (job.is_good or job.was_reopened)
        return "" if is_reserved or job.price_charged or is_free else gettext("no charge recorded here")

    def kept_message(self, job):
        return degraded_message(job)

    def bill(self, job):
        """Return the charge and the message by the provider's billing rule. A submission of unknown outcome is given up
        and costs nothing; its clip is free if it arrives later."""
        if job.provider not in providers():
            return 0, uninstalled_charge_message(job)
        try:
            submission = load_submission(job)
        except StepFailed as failure:
            return 0, failure.message
        if submission.attempt is None:
            return 0, money_message(submission, was_accepted=False)
        if submission.attempt.outcome != Attempt.Outcome.ACCEPTED:
            return 0, release_message(job)
        facts: Any = {"was_accepted": True, "was_finished": True if submission.attempt.output else None}
        return compute_charge(submission, **facts), money_message(submission, **facts)

    def retry_terms(self, job, by):
        return clip_retry.retry_terms(job, by)

    def get_payer(self, job, by):
        return clip_retry.get_payer(job, by)

    def describe_unanswered(self, job):
        """Return how the result of an unanswered submission may still arrive: by callback only if one was requested."""
        engine = providers().get(job.provider)
        connection = Connection.objects.filter(clips__job=job).first()
        recovery = engine.traits_of(job.model).recovery if engine and not engine.is_local else Recovery.NONE
        if recovery == Recovery.WEBHOOK:
            sent = job.attempts.order_by("-n").first()
            is_possible = connection and late_results.can_call_back(sent, cast("RemoteProvider", engine), connection)
            source = "callback" if is_possible else "none"
        else:
            source = "none" if recovery == Recovery.NONE else "search"
        is_free = bool(engine) and not engine.is_local and engine.traits.billing == Billing.FREE
        is_site = connection is not None and connection.scope == "site"
        return UnansweredSubmission(source, is_site=is_site, is_free=is_free, earlier=count_earlier_charges(job))

    def check_resend(self, job, by):
        """Raise JobRefused if the first submission is known to exist, or if ``by`` may not resend the clip."""
        if _is_reported(job):
            raise JobRefused(late_results.IS_TRACKED % {"provider": _get_provider_label(job)})
        if clip := Clip.objects.filter(job=job).select_related("connection", "workspace").first():
            authorization.check_resend(clip, by)

    def check_release(self, job):
        """Raise JobRefused if the provider has reported the clip, which will arrive by itself."""
        if _is_reported(job):
            message = _(
                "%(provider)s has since confirmed that it has this job. We’re still tracking it, so nothing "
                "is refunded."
            )
            raise JobRefused(message % {"provider": _get_provider_label(job)})

    def on_end(self, job):
        """Wake the next clip in line: the connection has room for it."""
        super().on_end(job)
        connection = Attempt.objects.filter(job=job).order_by("-n").values_list("connection_id", flat=True).first()
        if connection:
            queueing.wake_next(connection)

    def prefetch_polls(self, jobs, attempts):
        prefetch_submissions(jobs, attempts)

    def import_answers(self):
        answer_journal.import_entries()


def _get_provider_label(job) -> str:
    engine = providers().get(job.provider)
    return str(engine.label) if engine else job.provider


def _get_unpriced_label(job, engine) -> str:
    """Return the cost label of a job without a hold: free, or of unknown price."""
    if late_results.is_late_result(job):  # the user's own account was charged for the abandoned attempt
        is_site = Connection.objects.filter(clips__job=job, owner=None, workspace=None).exists()
        return "" if is_site else gettext("no charge recorded here")
    try:
        is_free = bool(engine) and engine.capability(job.model).is_free
    except KeyError:  # no longer offered
        is_free = False
    return "" if is_free else gettext("price unknown")


def _is_reported(job) -> bool:
    """Return whether the provider has reported the submission; False if the provider is no longer installed."""
    live = Attempt.objects.filter(job=job, outcome__in=Attempt.LIVE).first()
    return bool(live and live.provider in providers() and late_results.find_reported_submission(live))


class VideoKind(JobKind):
    """The check of an uploaded video."""

    name = JOB_KIND
    label = _("Video")
    running_label = _("Checking")
    steps = {State.RUNNING: validate_upload}
    is_retryable = False
    is_system = True

    def on_end(self, job):
        """Delete the files of a rejected video. Its row keeps the reason until delete_unused_videos."""
        if not job.is_good and (video := Video.objects.filter(job=job).first()):
            delete_after_commit(video.file_keys())
            Video.objects.filter(pk=video.pk).update(bytes=0)


class RewriteKind(JobKind):
    """A request to a language model for other words of a prompt. Only the user who made it sees the job."""

    name = "rewrite"
    may_buy = True
    label = _("Prompt")
    running_label = _("Writing")
    steps = {State.RUNNING: rewrite_prompt}
    long_wait_states = frozenset({State.RUNNING})
    is_retryable = False
    is_private = True
    is_measured = False

    def model_label(self, job) -> str:
        return gettext("a language model")

    def cost_label(self, job) -> str:
        return gettext("no charge recorded here")

    def stopping_message(self, job) -> str:
        money = charge_message() if _was_sent(job) else gettext("Nothing is charged for unfinished work.")
        return f"{gettext('Cancelling.')} {money}"

    def broken_message(self, job) -> str:
        return join_messages(build_message("model_broken"), charge_message()) if _was_sent(job) else ""

    def bill(self, job) -> tuple[int, str]:
        return 0, charge_message() if _was_sent(job) else build_message("not_charged")

    def on_purge(self, job) -> None:
        PromptRewrite.objects.filter(job=job).delete()


def _was_sent(job) -> bool:
    return PromptRewrite.objects.filter(job=job, sent_at__isnull=False).exists()
