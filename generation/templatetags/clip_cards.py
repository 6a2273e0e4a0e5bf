"""The card of a clip: its picture, the state of its job, and what the viewer can do. Cards of ended jobs are kept."""

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from common.web.components import draw_once
from common.web.paths import path_of
from generation.models import Clip
from generation.templatetags.clips import file_url, sketch_url, start_url
from jobs.registry import Link
from jobs.retry_terms import RetryButton
from jobs.status import JobTexts

register = template.Library()
CSRF_INPUT = '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'
CSRF_PLACE = "token"  # in whose place a page puts its own


@dataclass(frozen=True)
class CardJob(JobTexts):
    """All that a card shows of a job but its time. The columns are those of Job; ``rev`` stands for the messages."""

    pk: UUID
    rev: int
    kind: str
    state: str
    progress: int
    is_queued_at_provider: bool | None
    cancel_requested_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    payer: str
    retry_button: RetryButton | None
    remedies: tuple[Link, ...]
    progress_message: Any = field(compare=False)
    progress_text: str = field(compare=False)
    error_message: Any = field(compare=False)
    error_text: str = field(compare=False)


@dataclass(frozen=True)
class ClipCard:
    """All that a card shows of a clip. ``poster``: the picture that it starts from, while there is no video; ``line``:
    the line drawing of that picture. ``superseded``: why the clip cannot be retried, or ""."""

    pk: UUID
    title: str
    prompt: str
    ratio: str
    style: str
    seconds: int
    colour: str
    provider: str
    source_provider: str
    effects_source_id: UUID | None
    video_id: UUID | None
    is_ready: bool
    is_degraded: bool
    has_effects: bool
    is_upload: bool
    has_missing_source: bool
    superseded: str
    poster: str
    preview: str
    line: str
    may_edit: bool
    job: CardJob

    def get_absolute_url(self) -> str:
        return path_of("generation:clip", self.pk)


BUILT = ("poster", "preview", "line", "may_edit", "job")  # for the card, from more than one column
JOB_COLUMNS = [column.name for column in fields(CardJob) if column.name not in ("retry_button", "remedies")]
CLIP_COLUMNS = [column.name for column in fields(ClipCard) if column.name not in BUILT]


def build_card(clip: Clip, *, may_edit: bool) -> ClipCard:
    """Return the card of a clip that was loaded with its job and files (``with_files``)."""
    job: Any = clip.job
    return ClipCard(
        **{name: getattr(clip, name) for name in CLIP_COLUMNS},
        poster=file_url(clip, "poster") if clip.is_ready else start_url(clip),
        preview=file_url(clip, "preview") if clip.is_ready else "",
        line="" if clip.is_ready else sketch_url(clip, "sketch_lines"),
        may_edit=may_edit,
        job=CardJob(
            **{name: getattr(job, name) for name in JOB_COLUMNS},
            retry_button=getattr(job, "retry_button", None),
            remedies=tuple(getattr(job, "remedies", ())),
        ),
    )


@register.simple_tag(name="clip_card", takes_context=True)
def draw_card_in(context, clip, *, may_edit) -> SafeString:
    """Render the card with the token of the page for its forms."""
    return draw_card(clip, may_edit=may_edit, csrf_token=context.get("csrf_token", ""))


def draw_card(clip: Clip, *, may_edit: bool, csrf_token="") -> SafeString:
    """Return the card. Without a token, its forms work with htmx only, which sends the token of the page."""
    card = build_card(clip, may_edit=may_edit)
    html = _draw(card, getattr(clip.job, "time", None)) if card.job.is_active else _draw_ended(card)
    csrf_input = format_html(CSRF_INPUT, csrf_token) if csrf_token else ""
    return mark_safe(html.replace(CSRF_INPUT.format(CSRF_PLACE), csrf_input))  # noqa: S308 - a template's own output


def _draw(card: ClipCard, time) -> str:
    values = {"clip": card, "may_edit": card.may_edit, "time": time, "csrf_token": CSRF_PLACE}
    return render_to_string("generation/_job_card.html", values)


@draw_once
def _draw_ended(card: ClipCard) -> str:
    return _draw(card, None)
