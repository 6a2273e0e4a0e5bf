"""Trying a clip again that came to nothing: through whose account it would go, and at what price, said beforehand."""

from django.utils.translation import gettext as _

from accounts.permissions import EDIT, workspace_ids_with
from common import hooks
from generation.clip_spec import clip_request
from generation.composer.pricing import estimate_cost
from generation.composer.providers_for_user import Offer
from generation.models import Clip
from generation.providers.registry import makers
from generation.worker import authorization
from jobs.errors import JobRefused
from jobs.registry import RetryTerms
from jobs.retry import build_buttons


def prefetch(jobs, by) -> None:
    """Read at once what ``retry_terms`` and ``price_today`` need of the clips of many jobs, for one use."""
    clips = {clip.job_id: clip for clip in _read(jobs, by)}
    for job in jobs:
        job.retry_clip = clips.get(job.pk)


def _read(jobs, by) -> list[Clip]:
    """The clips, each with ``ways``: whether its model is offered, and the accounts it may go through again. Those of
    one model have the same, which is asked once."""
    rows = Clip.objects.filter(job__in=jobs).select_related("workspace", "created_by").prefetch_related("references")
    mine, clips, known = workspace_ids_with(by, EDIT) if by else (), list(rows), {}
    for clip in clips:
        asker = authorization.retry_user(clip, by, may_edit=clip.workspace_id in mine)
        same = (clip.provider, clip.model, clip.workspace_id, asker and asker.pk)
        if same not in known:
            engine = makers().get(clip.provider)
            accounts = () if engine is None or engine.is_local else authorization.retry_connections(clip, asker)
            known[same] = _is_offered(clip, engine), list(accounts)
        clip.ways = known[same]
    return clips


def _is_offered(clip: Clip, engine) -> bool:
    return engine is not None and (not clip.model or engine.offers(clip.model, clip.workspace))


def retry_terms(job, by) -> RetryTerms:
    """For the person who looks: they may have an account of their own that is nearer than the one it went through."""
    clip = job.__dict__.get("retry_clip") or next(iter(_read([job], by)), None)
    account = authorization.nearest_connection(clip, clip.ways[1]) if clip else None
    if account is None:
        return RetryTerms()
    if not clip.ways[0]:
        return RetryTerms(str(account.pk))
    cost = estimate_cost(Offer(makers()[clip.provider], (account,), account), clip_request(clip), 1)
    return RetryTerms(str(account.pk), str(cost["price"]), cost["note"], is_priced=cost["is_known"])


def price_today(job) -> tuple[int, str]:
    """By today's list, as a new clip of the same wish; what was agreed before where no such model is offered now, or
    nobody can say its price any more: that is no reason to keep nothing aside."""
    seen = job.__dict__.pop("retry_clip", None)
    clip = seen or Clip.objects.filter(job=job).select_related("workspace").first()
    engine = makers().get(clip.provider) if clip else None
    if engine is None or not (seen.ways[0] if seen else _is_offered(clip, engine)):
        return job.price_reserved, job.currency
    estimate = engine.estimate(clip_request(clip))
    return (estimate.price, estimate.currency) if estimate.is_known else (job.price_reserved, job.currency)


def superseded(clips) -> dict:
    """Words by the id of the clip, for those of ``clips`` (rows or ids) in whose place there is another by now."""
    found: dict = {}
    for find in hooks.values_of("superseded_clips") if clips else ():
        found |= find(clips)
    return found


def check_not_superseded(clip: Clip) -> None:
    """JobRefused where another was made in its place: an old button in a list says nothing of that one."""
    if words := superseded([clip.pk]).get(clip.pk):
        raise JobRefused(f"{words} {_('Nothing was started.')}")


def add_retry_buttons(clips, by):
    """Set the retry button for this user (``job.retry_button``), or why there is none (``superseded``), on each clip.

    Users who may only look (``may_edit``) get neither. Returns the clips.
    """
    bad = [clip for clip in clips if clip.may_edit and clip.job.is_retryable and not clip.has_lost_start]
    past = superseded([clip.pk for clip in bad])
    said = build_buttons([clip.job for clip in bad if clip.pk not in past], by)
    for clip in bad:
        clip.superseded, clip.job.retry_button = past.get(clip.pk, ""), said.get(clip.job_id)
    return clips
