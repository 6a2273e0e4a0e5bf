"""Describe how far a direction is: what the model has written so far, and why a request failed."""

import json
import re
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from generation.worker.language import charge_message
from jobs.models import State
from studio.director import prompts
from studio.models import Direction

CONCEPT_SO_FAR = re.compile(r'"concept"\s*:\s*"((?:[^"\\]|\\u[0-9a-fA-F]{4}|\\[^u])*)', re.DOTALL)
DECODER = json.JSONDecoder()


@dataclass
class Draft:
    """What the model has written so far. ``shots``: as in Direction, with the prompt as ``action`` once it exists."""

    concept: str = ""
    shots: list[dict] = field(default_factory=list)


def read_draft(direction: Direction) -> Draft:
    """Return the accepted steps of a direction, and what the response contains of the requested one."""
    step = direction.requested_step if direction.job and direction.job.is_active else ""
    text = prompts.REASONING.sub("", direction.response)
    concept = direction.concept or (_read_concept(text) if step == prompts.CONCEPT else "")
    shots = direction.shots
    if step == prompts.SHOTS:
        shots = [shot for value in _read_items(text, "shots") if (shot := prompts.parse_shot(value))]
    written = _read_items(text, "prompts") if step == prompts.PROMPTS else direction.prompts
    texts = [prompts.clean_value(value, 2000) for value in written[: len(shots)]]
    texts += [""] * (len(shots) - len(texts))
    return Draft(concept, [shot | {"action": own or shot["action"]} for shot, own in zip(shots, texts, strict=True)])


def _read_concept(text: str) -> str:
    """Return the concept in an unfinished response."""
    match = CONCEPT_SO_FAR.search(text)
    try:
        return prompts.clean_value(json.loads(f'"{match[1]}"', strict=False), 4000) if match else ""
    except ValueError:  # an escape sequence that JSON does not have
        return ""


def _read_items(text: str, name: str) -> list:
    """Return the complete items of a list in an unfinished response, at most MAX_SHOTS."""
    start = re.search(rf'"{name}"\s*:\s*\[', text)
    items: list = []
    position = start.end() if start else len(text)
    while len(items) < prompts.MAX_SHOTS:
        position = re.compile(r"[\s,]*").match(text, position).end()
        try:
            item, position = DECODER.raw_decode(text, position)
        except (ValueError, RecursionError):
            return items
        items.append(item)
    return items


def describe_failure(direction: Direction) -> str:
    """Return the message about a failed or cancelled request, with what may have been charged."""
    if direction.job.state != State.CANCELLED:
        return direction.job.error_public or _(
            "This step was not finished. The existing text was kept; you can try again."
        )
    if direction.sent_at is None:
        return _("Cancelled before anything was submitted. Nothing was charged.")
    message = _(
        "Cancelled while the model was responding. The existing text was kept; nothing is resubmitted "
        "unless you ask for it."
    )
    return f"{message} {charge_message()}"
