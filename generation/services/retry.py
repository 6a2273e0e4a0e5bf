"""Retry of failed clips: connection and price that a retry button offers, and clips that were already replaced."""

from dataclasses import dataclass

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
from generation.providers.models import Connection
from generation.providers.registry import clip_providers
from generation.worker import authorization, charging
from jobs.errors import JobRefused
from jobs.estimates.times import add_times
from jobs.registry import RetryTerms, add_remedies
from jobs.retry_terms import build_buttons


@dataclass(frozen=True)
class RetryOffer:
    """The clip of a failed job, whether its model is still offered, the connections that a retry may use, and who would
    pay for it."""

    clip: Clip
    is_offered: bool
    connections: list[Connection]
    spender: Spender


def prefetch(jobs, by) -> None:
    """Read the offers of many jobs at once. ``retry_terms`` and then ``price_today`` can each use them once."""
    offers = {offer.clip.job_id: offer for offer in _read_offers(jobs, by)}
    for job in jobs:
        job.prefetched = offers.get(job.pk)


def read_clips(jobs):
    """Return a query of the clips of these jobs, with what a retry needs of them.

    ``job.prefetched`` keeps a row that was read for the list of jobs.
    """
    rows = Clip.objects.filter(job__in=jobs).select_related("workspace", "created_by")
    return rows.annotate(reference_count=Count("references"))


def _read_offers(jobs, by) -> list[RetryOffer]:
    """Return the offers of the jobs whose clips exist.

    Clips with the same model, workspace and user share values, and the connections are read once per workspace.
    """
    clips = [job.prefetched for job in jobs if isinstance(job.prefetched, Clip)]
    unread = [job for job in jobs if not isinstance(job.prefetched, Clip)]
    clips += read_clips(unread) if unread else []
    editable = workspace_ids_with(by, EDIT) if by else ()
    shared: dict = {}
    usable: dict = {}
    spenders: dict = {}
    offers = []
    for clip in clips:
        user = authorization.choose_retry_user(clip, by, may_edit=clip.workspace_id in editable)
        key = (clip.provider, clip.model, clip.workspace_id, user and user.pk)
        if key not in shared:
            engine = clip_providers().get(clip.provider)
            connections = []
            if engine and not engine.is_local:
                if key[2:] not in usable:
                    usable[key[2:]] = list_usable_connections(user, clip.workspace)
                connections = authorization.filter_retry_connections(clip, usable[key[2:]])
            shared[key] = _is_offered(clip, engine), connections
        spender = spenders.setdefault(key[2:], Spender(clip.workspace, user))
        is_offered, clip.connections = shared[key]
        offers.append(RetryOffer(clip, is_offered, clip.connections or [], spender))
    return offers


def _is_offered(clip: Clip, engine) -> bool:
    return engine is not None and (not clip.model or engine.has_model(clip.model, clip.workspace))


def retry_terms(job, by) -> RetryTerms:
    """Return connection and price of a retry by this user: the clip's connection if usable, else the user's nearest."""
    read = job.prefetched if isinstance(job.prefetched, RetryOffer) else next(iter(_read_offers([job], by)), None)
    connection = authorization.choose_nearest_connection(read.clip, read.connections) if read else None
    if read is None or connection is None:
        return RetryTerms()
    if not read.is_offered:
        return RetryTerms(str(connection.pk))
    offer = Offer(clip_providers()[read.clip.provider], (connection,), connection)
    cost = estimate_cost(offer, build_clip_request(read.clip), 1, read.spender)
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
    read = job.prefetched if isinstance(job.prefetched, RetryOffer) else None
    job.prefetched = None
    clip = read.clip if read else Clip.objects.filter(job=job).select_related("workspace").first()
    engine = clip_providers().get(clip.provider) if clip else None
    if clip is None or engine is None or not (read.is_offered if read else _is_offered(clip, engine)):
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
        if clip.reference_count is not None:
            clip.job.prefetched = clip
    superseded = find_superseded([clip.pk for clip in retryable])
    retry_buttons = build_buttons([clip.job for clip in retryable if clip.pk not in superseded], by)
    for clip in retryable:
        clip.superseded, clip.job.retry_button = superseded.get(clip.pk, ""), retry_buttons.get(clip.job_id)
    return clips
