"""What a failed or cancelled job costs, and the message about it."""

import logging

from accounts.billing import held_plans
from accounts.billing.models import Payer
from common.messages import Message, build_message, join_messages
from generation.clip_spec import build_clip_request
from generation.providers.errors import RemoteError
from generation.providers.models import Connection
from generation.providers.remote import Billing
from generation.worker import messages
from generation.worker.submission import Submission
from jobs.lifecycle.lease import StepFailed

log = logging.getLogger("generation.worker")


def get_payer(connection: Connection | None) -> str:
    """Return who pays for a job through the connection; None stands for a local provider, which is free."""
    return Payer.SITE if connection is None or connection.scope == "site" else Payer.OWN


def check_payment(workspace, connection: Connection | None) -> None:
    """Raise LimitReached if the connection is the site's, and a late or disputed payment of the workspace stops new
    work at the site's expense: also of a language model, whose use costs the user nothing."""
    if connection is not None and connection.scope == "site":
        held_plans.check_payment(workspace)


def build_failure(submission: Submission, error: RemoteError, *, was_accepted: bool) -> StepFailed:
    """Return the StepFailed for a job that its provider refused or failed, with its charge and message."""
    messages.redact_prompt(error, submission.clip)
    money = money_message(submission, was_accepted=was_accepted, was_finished=messages.was_finished(error))
    mode = build_clip_request(submission.clip).mode
    message = join_messages(messages.rejection_message(error, submission.english_label, mode), money)
    log.info("job %s: %s: %s", submission.job.pk, submission.label, error.for_log)
    return StepFailed(error.fault.value, message, charge=compute_charge(submission, was_accepted=was_accepted))


def compute_charge(submission: Submission, *, was_accepted: bool, was_finished: bool | None = False) -> int:
    """Return the charge (millionths) of a job that did not end well, by the provider's billing rule.

    ``was_finished`` is None if nobody knows whether the provider finished the clip.
    """
    billing = submission.engine.traits.billing
    is_billed = was_accepted and (billing == Billing.SUBMIT or (was_finished and billing == Billing.SUCCESS))
    return submission.job.price if is_billed else 0


def money_message(submission: Submission, *, was_accepted: bool, was_finished: bool | None = False) -> Message:
    """Return a sentence on whether money was spent, as certain as the provider's billing rule and ``was_finished``
    allow (None: nobody knows whether the provider finished the clip)."""
    billing, provider = submission.engine.traits.billing, submission.english_label
    is_own, job = submission.connection.scope != "site", submission.job
    if not was_accepted or billing == Billing.FREE:
        return messages.no_charge_message(job)
    if billing == Billing.SUCCESS and was_finished is False:
        return messages.no_charge_message(job, build_message("charged_on_success", provider=provider))
    if billing == Billing.UNDECLARED or (billing == Billing.SUCCESS and was_finished is None):
        if not is_own:
            return messages.no_charge_message(job)
        charged = build_message("account_may_be_charged", provider=provider)
    elif is_own:
        charged = build_message("account_charged", provider=provider)
    else:
        charged = build_message("job_charged")
    return join_messages(charged, messages.earlier_charges_message(job))
