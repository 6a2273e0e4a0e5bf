"""Another provider instead: only when nothing can have been bought, and only within the agreed price."""

from dataclasses import replace

from django.db import transaction

from accounts.billing.money import money
from generation import picture_fit
from generation.clip_spec import ClipSpec, clip_request
from generation.models import Clip
from generation.providers.base import Capability, ClipRequest, Mode
from generation.providers.models import Connection
from generation.providers.prompt import composed
from generation.providers.registry import providers
from generation.worker import history_messages, queueing
from generation.worker.files import can_link_pictures
from generation.worker.submission import Outcome, Submission
from jobs.models import State


def go_elsewhere(claim, submission: Submission) -> bool:
    """Queue the clip at the next account of the workspace's order that can make it at this price; False without one.
    What is held stays held; where it costs less there, less is charged in the end.

    The caller has closed its attempt as not sent or refused.
    """
    found = _next(submission)
    if found is None:
        return False
    (connection, model, price), told = found, submission.job.price
    label = history_messages.written(providers()[connection.provider])
    facts = {"provider": connection.provider, "model": model, "price_there": price}
    with transaction.atomic():  # who lost the job while it was frozen must not re-point the clip of a newer attempt
        if claim.job.state == State.QUEUED:
            claim.record_event(f"elsewhere|{submission.written}|{label}")
            _rename(claim, facts)
        else:
            claim.move_to(State.QUEUED, reason=f"elsewhere|{submission.written}|{label}", **facts)
        if price != told:
            claim.record_event(f"cheaper|{label}|{money(price, submission.job.currency)}")
        Clip.objects.filter(pk=submission.clip.pk).update(
            connection=connection, provider=connection.provider, model=model
        )
    return True


def _rename(claim, facts) -> None:
    type(claim.job).objects.filter(pk=claim.job.pk, fence=claim.job.fence).update(**facts)
    claim.wait(0)


def _next(submission: Submission) -> tuple[Connection, str, int] | None:
    if submission.job.attempts.filter(outcome=Outcome.ABANDONED).exists():
        return None  # asked anew after a lost answer: the first may have been bought, whatever became of this one
    order = Connection.objects.filter(
        queueing.open_now(), workspace=submission.clip.workspace, failover_position__isnull=False
    ).order_by("failover_position")
    tried = set(submission.job.attempts.values_list("account", flat=True)) | {submission.connection.pk}
    for connection in order:
        if connection.pk not in tried and (found := _model(submission, connection)) is not None:
            return connection, *found
    return None


def _model(submission: Submission, connection: Connection) -> tuple[str, int] | None:
    """The first model of that account that makes the same clip for no more than was agreed, in the same currency, and
    its price."""
    engine, job = providers().get(connection.provider), submission.job
    asked = composed(clip_request(submission.clip))  # as it is sent: the style's words count as well
    for capability in engine.capabilities() if engine else ():
        request = replace(asked, model=capability.model)
        estimate = engine.estimate(request)
        is_agreed = estimate.is_known and estimate.price <= job.price_reserved and estimate.currency == job.currency
        is_taken = _takes_all(capability, request, submission.clip) and _takes_pictures(
            capability, engine, submission.clip
        )
        if not capability.reasons_against(request) and is_agreed and is_taken:
            return capability.model, estimate.price
    return None


def _takes_all(capability: Capability, request: ClipRequest, clip: Clip) -> bool:
    """No picture and no wish of the person's is left behind unsaid, sound least of all."""
    told = {each.name for each in capability.options} | ({"audio"} if capability.has_audio else set())
    wished = {name for name, value in request.options.items() if value}
    is_few = request.mode != Mode.REFERENCES or clip.references.count() <= capability.references_most
    return is_few and wished <= told


def _takes_pictures(capability: Capability, engine, clip: Clip) -> bool:
    """What could not be brought there would end the job, which may be waited for here instead."""
    can_be_fetched = not getattr(engine, "fetches_pictures", False) or can_link_pictures(clip)
    return can_be_fetched and not any(picture_fit.unfit(engine, capability, ClipSpec.from_clip(clip)))
