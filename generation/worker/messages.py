"""Messages of jobs at providers: history, rejected requests, earlier attempts without a response.

What a failed job costs is in charging.py.
"""

import re

from django.utils.translation import gettext_lazy, override

from common.messages import PROVIDER_MESSAGE, Label, Message, build_message, join_messages
from generation.models import Clip
from generation.providers import redact
from generation.providers.base import Mode
from generation.providers.errors import Fault, RemoteError, message_for, quote_for_everybody
from generation.providers.models import Connection
from generation.providers.registry import providers
from generation.providers.remote import Billing
from jobs.lifecycle.lease import StepFailed
from jobs.models import Attempt

EVENT_MESSAGES = {
    "submitted": gettext_lazy("Submitted to {0}"),
    "accepted": gettext_lazy("Accepted by {0} as {1}"),
    "not_sent": gettext_lazy("Couldn’t reach {0}; nothing was sent"),
    "account": gettext_lazy("{0} did not accept the account; nothing was generated there"),
    "busy": gettext_lazy("{0} was busy; nothing was generated there"),
    "not_accepting": gettext_lazy("{0} is not accepting requests at the moment; waiting"),
    "checking": gettext_lazy("No response from {0}; checking"),
    "no_answer": gettext_lazy("{0} still cannot confirm whether it received this"),
    "cannot_ask": gettext_lazy("{0} did not respond and cannot be asked whether it received this"),
    "found": gettext_lazy("Found at {0} as {1}; nothing was charged twice"),
    "found_again": gettext_lazy("Found at {0} as {1}; the outcome of the earlier attempt is unknown"),
    "absent": gettext_lazy("{0} never received this; nothing was generated there"),
    "lost": gettext_lazy("{0} lost this; submitting it again"),
    "finished": gettext_lazy("Finished at {0}; downloading"),
    "kept_as_delivered": gettext_lazy("Kept as delivered by {0}; the studio could not convert it for its player"),
    "new_link": gettext_lazy("Couldn’t download the video from {0}; requesting a new link"),
    "late": gettext_lazy("{0} is not responding and the deadline has passed; checking for one more day"),
    "cancel_requested": gettext_lazy("{0} was asked to cancel"),
    "cannot_cancel": gettext_lazy("{0} can no longer cancel this; if the video arrives, it is kept"),
    "cancel_unanswered": gettext_lazy("{0} did not answer the request to cancel; asking again"),
    "stopped": gettext_lazy("Cancelled at {0}"),
    "new_key": gettext_lazy("{0} rejected the key used for this job; continuing with the newer key"),
    "failover": gettext_lazy("{0} could not accept it; submitting to {1} instead, at no higher price"),
    "own_account": gettext_lazy(
        "Billed to the workspace’s {0} account from now on; this studio’s money was given back"
    ),
    "cheaper": gettext_lazy("{0} generates it for {1}; no more than that is charged"),
    "released": gettext_lazy("Given up; this studio charges nothing for it"),
    "auto_released": gettext_lazy("No response for too long; this studio charges nothing for it"),
    "late_result": gettext_lazy("{0} finished this after all; you get it for free"),
    "late_result_paid": gettext_lazy("{0} finished this after all; you pay nothing beyond what {0} charged for it"),
}
"""Messages by the code of a job event; {0} is the provider, {1} its task id or another value of the event."""

QUOTED = (Fault.INVALID, Fault.MODERATION, Fault.FAILED)
"""Faults about the request or the clip, of which everybody may read what the provider said."""
FIELD_LABELS = {
    "prompt": gettext_lazy("Prompt"),
    "negative_prompt": gettext_lazy("Negative prompt"),
    "ratio": gettext_lazy("Aspect ratio"),
    "seconds": gettext_lazy("Length"),
    "resolution": gettext_lazy("Resolution"),
    "seed": gettext_lazy("Seed"),
    "model": gettext_lazy("Model"),
    "mode": gettext_lazy("Start from"),
    "picture": gettext_lazy("First frame"),
    "last_picture": gettext_lazy("Last frame"),
    "last_frame": gettext_lazy("Last frame"),
    "references": gettext_lazy("Reference images"),
    "video": gettext_lazy("Video"),
}
PROVIDER_FIELD_NAMES = {
    "negative_prompt": r"negative_?prompt",
    "prompt": r"(?:text_?)?prompt(?:_?text)?",
    "ratio": r"(?:aspect_?)?ratio",
    "seconds": r"duration|seconds|video_length|num_frames",
    "resolution": r"resolution|quality",
    "seed": r"seed",
    "last_picture": r"(?:last|end|tail)_(?:frame|image)\w*|image_tail",
    "references": r"reference_?(?:image|picture)s?\w*|subject_references?",
    "picture": r"(?:first_frame_|start_|input_|prompt_?)?image(?:_url)?|first_frame\w*|img_(?:url|id)|picture",
    "video": r"(?:input_)?video_url",
}
"""The names of our fields in the error messages of providers."""
FIELD_PATTERNS = {
    field: re.compile(rf"(?i)(?<![a-z_])(?:{names})(?![a-z_])") for field, names in PROVIDER_FIELD_NAMES.items()
}


def get_english_label(engine) -> Label:
    """Return the provider's label as histories and messages store it: in English, translated for each reader."""
    with override("en"):
        return Label(engine.label)


def rejection_message(error: RemoteError, provider_label: str, mode: Mode = Mode.WORDS) -> Message:
    """Return what happened and what to change, without the sentence about money (charging.money_message).

    ``mode`` is that of the request: a message about moderation names only what was sent. The details are what the
    provider said about the request or the clip; about an account they could name it.
    """
    if error.message:
        return join_messages(error.message)
    quote = quote_for_everybody(error.detail) if error.fault in QUOTED else ""
    quotation = build_message(PROVIDER_MESSAGE, words=quote) if quote else ""
    if error.fault == Fault.MODERATION and mode != Mode.WORDS:
        sent = "video" if mode == Mode.VIDEO else "picture"
        return join_messages(build_message(f"moderated_{sent}", provider=provider_label), quotation)
    if error.fault != Fault.INVALID:
        return join_messages(message_for(error.fault, provider_label), quotation)
    field = FIELD_LABELS.get(error.field or _find_field(error), "")
    if not (field or quote):
        return build_message("unexplained", provider=provider_label)
    problem = build_message("problem_field", field=field) if field else ""
    return join_messages(message_for(error.fault, provider_label), problem, quotation)


def _find_field(error: RemoteError) -> str:
    """Return our field that the provider's message names; an empty string if it names none, or several."""
    text = f"{error.code} {error.detail}"
    found = [field for field, pattern in FIELD_PATTERNS.items() if pattern.search(text)]
    return found[0] if len(found) == 1 else ""


def redact_prompt(error: RemoteError, clip: Clip) -> None:
    """Remove the user's own text from a provider's message before anybody else reads it.

    Short option values stay: the user chose them from a list, and a rejection that names one is of no use without it.
    """
    texts = [value for value in (clip.options or {}).values() if isinstance(value, str) and redact.is_long(value)]
    error.redact(clip.prompt, clip.negative_prompt, *texts)


def was_finished(error: RemoteError) -> bool | None:
    """Return whether the provider finished the clip; None if nobody knows: the task is gone, or done without a
    video."""
    return None if error.fault == Fault.LOST or error.code == "missing_video" else False


def list_possible_payees(job) -> list[str]:
    """Return the provider label of each abandoned attempt that a user's own account may have been charged for."""
    abandoned = job.attempts.filter(outcome=Attempt.Outcome.ABANDONED).order_by("n")
    return [label for label in map(_find_payee, abandoned) if label]


def count_earlier_charges(job) -> int:
    """Return how many abandoned attempts before the last attempt may have been charged."""
    newest = job.attempts.order_by("-n").first()
    abandoned = job.attempts.filter(outcome=Attempt.Outcome.ABANDONED)
    return sum(1 for attempt in abandoned if attempt != newest and _find_payee(attempt))


def earlier_charges_message(job) -> Message:
    """Return a sentence on charges of earlier attempts, to follow the message about the last attempt; empty if no
    earlier attempt can have been charged."""
    return join_messages(build_message("earlier_may_be_charged") if list_possible_payees(job) else "")


def no_charge_message(job, message: str = "") -> Message:
    """Return the message for an attempt that cost nothing: ``message``, by default "Nothing was charged." If earlier
    attempts were abandoned, the message is instead that those may have been charged."""
    payees = list_possible_payees(job)
    if not payees:
        return join_messages(message or build_message("not_charged"))
    charged = build_message("account_may_be_charged", provider=payees[-1])
    return join_messages(charged, build_message("earlier_may_be_charged") if len(payees) > 1 else "")


def uninstalled_charge_message(job) -> Message:
    """Return the message for a provider that is no longer installed: its billing rule is unknown."""
    live = job.attempts.filter(outcome__in=Attempt.LIVE).first()
    if live is None or Connection.objects.filter(pk=live.connection_id, owner=None, workspace=None).exists():
        return no_charge_message(job)
    return join_messages(build_message("account_may_be_charged", provider=job.provider), earlier_charges_message(job))


def build_no_attempt_failure(submission) -> StepFailed:
    """Return the failure of a running job that has no attempt to ask the provider about."""
    untraced = build_message("cannot_find_out", provider=submission.english_label)
    return StepFailed("untraced", join_messages(untraced, no_charge_message(submission.job)))


def _find_payee(attempt: Attempt) -> str:
    """Return the provider that billed a user's account for the attempt; an empty string for the site's own connections
    and free providers."""
    connection = Connection.objects.filter(pk=attempt.connection_id).first()
    engine = providers().get(attempt.provider)
    is_free = engine is not None and engine.traits.billing == Billing.FREE
    if is_free or (connection is not None and connection.scope == "site"):
        return ""
    return get_english_label(engine) if engine else attempt.provider
