"""Retry of failed clips: connection and price that a retry button offers, and clips that were already replaced."""

from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _

from accounts.billing.models import Payer
from accounts.billing.spender import Spender
from accounts.permissions import EDIT, workspace_ids_with
from generation.clip_spec import build_clip_request
from generation.hooks import ClipHooks
from generation.models import Clip
from generation.offers.connections import list_usable_connections
from generation.offers.offer import Offer
from generation.offers.pricing import estimate_cost
from generation.providers.registry import clip_providers
from generation.worker import authorization, charging
from jobs.errors import JobRefused
from jobs.estimates.times import add_times
from jobs.registry import RetryTerms, add_remedies
from jobs.retry import build_buttons


def prefetch(jobs, by) -> None:
    """Load the clips of many jobs at once. ``retry_terms`` and then ``price_today`` can each use them once."""
    clips = {clip.job_id: clip for clip in _load_clips(jobs, by)}
    for job in jobs:
        job.retry_clip = clips.get(job.pk)


def read_clips(jobs):
    """Return a query of the clips of these jobs, with what a retry needs of them.

    ``job.known_clip`` keeps a row that was read for the list of jobs.
    """
    rows = Clip.objects.filter(job__in=jobs).select_related("workspace", "created_by")
    return rows.annotate(reference_count=Count("references"))


def _load_clips(jobs, by) -> list[Any]:
    """Return the clips, each with ``is_offered``, the ``connections`` that a retry may use, and its ``spender``.

    Clips with the same model, workspace and user share these values, and the connections are read once per workspace.
    """
    unread = [job for job in jobs if "known_clip" not in job.__dict__]
    rows = [job.known_clip for job in jobs if "known_clip" in job.__dict__]
    rows += read_clips(unread) if unread else []
    editable, clips, offers_by_key, usable = workspace_ids_with(by, EDIT) if by else (), list(rows), {}, {}
    spenders: dict = {}
    for clip in clips:
        user = authorization.choose_retry_user(clip, by, may_edit=clip.workspace_id in editable)
        key = (clip.provider, clip.model, clip.workspace_id, user and user.pk)
        if key not in offers_by_key:
            engine = clip_providers().get(clip.provider)
            connections = []
            if engine and not engine.is_local:
                if key[2:] not in usable:
                    usable[key[2:]] = list_usable_connections(user, clip.workspace)
                connections = authorization.filter_retry_connections(clip, usable[key[2:]])
            offers_by_key[key] = _is_offered(clip, engine), connections
        clip.is_offered, clip.connections = offers_by_key[key]
        clip.spender = spenders.setdefault(key[2:], Spender(clip.workspace, user))
    return clips


def _is_offered(clip: Clip, engine) -> bool:
    return engine is not None and (not clip.model or engine.has_model(clip.model, clip.workspace))


def retry_terms(job, by) -> RetryTerms:
    """Return connection and price of a retry by this user: the clip's connection if usable, else the user's nearest."""
    clip: Any = job.__dict__.get("retry_clip") or next(iter(_load_clips([job], by)), None)
    connection = authorization.choose_nearest_connection(clip, clip.connections) if clip else None
    if connection is None:
        return RetryTerms()
    if not clip.is_offered:
        return RetryTerms(str(connection.pk))
    offer = Offer(clip_providers()[clip.provider], (connection,), connection)
    cost = estimate_cost(offer, build_clip_request(clip), 1, clip.spender)
    facts = {"is_priced": cost["is_known"], "after": cost["after"], "is_own": offer.is_own}
    return RetryTerms(str(connection.pk), str(cost["price"]), cost["note"], **facts)


def get_payer(job, by) -> str:
    """Return who pays the provider if that user retries the job: as before, if the retry will be refused."""
    clip = Clip.objects.filter(job=job).select_related("workspace", "connection", "created_by").first()
    if clip is None or clip.provider not in clip_providers():
        return Payer.SITE
    try:
        return charging.get_payer(authorization.find_retry_connection(clip, by))
    except JobRefused:
        return job.payer or Payer.SITE


def price_today(job) -> tuple[int, str]:
    """Return today's price and currency for the job's request; those agreed before if the model is no longer offered or
    its price is unknown, since the hold needs an amount."""
    prefetched: Any = job.__dict__.pop("retry_clip", None)
    clip = prefetched or Clip.objects.filter(job=job).select_related("workspace").first()
    engine = clip_providers().get(clip.provider) if clip else None
    if clip is None or engine is None or not (prefetched.is_offered if prefetched else _is_offered(clip, engine)):
        return job.price_reserved, job.currency
    estimate = engine.estimate(build_clip_request(clip))
    return (estimate.price, estimate.currency) if estimate.is_known else (job.price_reserved, job.currency)


def find_superseded(clips) -> dict:
    """Return clip id → reason for each of ``clips`` (rows or ids) that another clip has replaced."""
    found: dict = {}
    for find in ClipHooks.values_of("superseded_clips") if clips else ():
        found |= find(clips)
    return found


def check_not_superseded(clip: Clip) -> None:
    """Raise JobRefused if another clip has replaced this one since the page was loaded."""
    if reason := find_superseded([clip.pk]).get(clip.pk):
        raise JobRefused(f"{reason} {_('Nothing was started.')}")


def add_retry_buttons(clips, by):
    """Set ``job.retry_button`` on each clip, or ``superseded``: why this user cannot retry the clip.

    Clips that the user may only view (``may_edit``) get neither. Sets ``job.remedies`` and ``job.time``, too. Returns
    the clips.
    """
    add_times([clip.job for clip in clips])
    add_remedies([clip.job for clip in clips], by)
    retryable = [clip for clip in clips if clip.may_edit and clip.job.is_retryable and not clip.has_missing_source]
    for clip in retryable:
        if "reference_count" in clip.__dict__:
            clip.job.known_clip = clip
    superseded = find_superseded([clip.pk for clip in retryable])
    retry_buttons = build_buttons([clip.job for clip in retryable if clip.pk not in superseded], by)
    for clip in retryable:
        clip.superseded, clip.job.retry_button = superseded.get(clip.pk, ""), retry_buttons.get(clip.job_id)
    return clips
