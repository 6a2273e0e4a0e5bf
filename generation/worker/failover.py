"""Failover: queue a clip at another connection if nothing can have been bought, at no higher price."""

from dataclasses import replace

from django.db import transaction

from accounts.billing import ledger
from accounts.billing.models import Payer
from accounts.billing.money import money
from generation import picture_fit
from generation.clip_spec import ClipSpec, build_clip_request
from generation.models import Clip
from generation.providers.base import Capability, ClipRequest, Mode
from generation.providers.models import Connection
from generation.providers.prompt import STYLE_WORDS, WORKSPACE_STYLE_WORDS, compose_prompt
from generation.providers.registry import providers
from generation.worker import messages, queueing
from generation.worker.charging import get_payer
from generation.worker.files import can_link_pictures
from generation.worker.submission import Outcome, Submission
from jobs.models import State


def fail_over(lease, submission: Submission) -> bool:
    """Queue the clip at the next failover connection of the workspace that supports it at the agreed price or below.

    Returns whether there is one. The amount on hold stays; if the other connection costs less, less is charged in the
    end. If the hold was the site's money, it goes back, since the workspace's own account is billed from now on. The
    reverse would need a new consent and never happens: only the workspace's own connections take over. The caller has
    closed the attempt as not sent or refused.
    """
    found = _find_next(submission)
    if found is None:
        return False
    (connection, model, price), before = found, submission.job.price
    label, from_label = messages.get_english_label(providers()[connection.provider]), submission.english_label
    facts = {"provider": connection.provider, "model": model, "provider_price": price, "payer": get_payer(connection)}
    with transaction.atomic():  # a worker that lost its lease must not move the clip of a newer attempt
        if lease.job.state == State.QUEUED:
            lease.record_event(f"failover|{from_label}|{label}")
            _update_job(lease, facts)
        else:
            lease.move_to(State.QUEUED, reason=f"failover|{from_label}|{label}", **facts)
        if price != before:
            lease.record_event(f"cheaper|{label}|{money(price, submission.job.currency)}")
        if get_payer(connection) == Payer.OWN and ledger.let_user_pay(submission.job.pk):
            lease.record_event(f"own_account|{label}")
        Clip.objects.filter(pk=submission.clip.pk).update(
            connection=connection, provider=connection.provider, model=model
        )
    return True


def _update_job(lease, facts) -> None:
    type(lease.job).objects.filter(pk=lease.job.pk, fence=lease.job.fence).update(**facts)
    lease.wait(0)


def _find_next(submission: Submission) -> tuple[Connection, str, int] | None:
    if submission.job.attempts.filter(outcome=Outcome.ABANDONED).exists():
        return None  # resent after a lost response: the first attempt may have been bought
    order = Connection.objects.filter(
        queueing.build_open_filter(), workspace=submission.clip.workspace, failover_position__isnull=False
    ).order_by("failover_position")
    tried = set(submission.job.attempts.values_list("connection_id", flat=True)) | {submission.connection.pk}
    for connection in order:
        if connection.pk not in tried and (found := _find_model(submission, connection)) is not None:
            return connection, *found
    return None


def _find_model(submission: Submission, connection: Connection) -> tuple[str, int] | None:
    """Return the connection's first model that makes the same clip for at most the agreed price, in the same currency,
    and its price."""
    engine, job = providers().get(connection.provider), submission.job
    if engine is None:
        return None
    original = compose_prompt(build_clip_request(submission.clip))  # as it is sent: with the prompt of the style
    for capability in engine.capabilities():
        request = replace(original, model=capability.model)
        estimate = engine.estimate(request)
        is_agreed = estimate.is_known and estimate.price <= job.price_reserved and estimate.currency == job.currency
        is_supported = _supports_options(capability, request, submission.clip)
        is_supported = is_supported and _accepts_pictures(capability, engine, submission.clip)
        if not capability.find_conflicts(request) and is_agreed and is_supported:
            return capability.model, estimate.price
    return None


def _supports_options(capability: Capability, request: ClipRequest, clip: Clip) -> bool:
    """Return whether the model supports every option that is set, and all reference images. The words of the style are
    part of the prompt."""
    supported = {option.name for option in capability.options} | ({"audio"} if capability.has_audio else set())
    wanted = {name for name, value in request.options.items() if value} - {STYLE_WORDS, WORKSPACE_STYLE_WORDS}
    has_room = request.mode != Mode.REFERENCES or clip.references.count() <= capability.references_most
    return has_room and wanted <= supported


def _accepts_pictures(capability: Capability, engine, clip: Clip) -> bool:
    """Return whether the provider can fetch all pictures and accepts them. Otherwise failover would end a job that
    could have waited."""
    can_be_fetched = not getattr(engine, "needs_picture_urls", False) or can_link_pictures(clip)
    return can_be_fetched and not any(picture_fit.find_unfit_pictures(engine, capability, ClipSpec.from_clip(clip)))
