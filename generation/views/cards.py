"""The card of a clip's job on the Create page, also pushed over the socket."""

from django.utils.html import format_html

from generation.media import storage
from generation.models import Clip, ClipFile, load_files
from generation.services.retry import find_superseded
from generation.templatetags.clip_cards import draw_card

KINDS = ClipFile.Kind
FILES = (KINDS.POSTER, KINDS.PREVIEW, KINDS.SKETCH, KINDS.SKETCH_LINES, KINDS.ORIGINAL)


def load_cards(jobs) -> None:
    """Set ``card_clip`` on each of these jobs: its clip with files and ``superseded``, or None."""
    clips = {clip.job_id: clip for clip in Clip.objects.filter(job__in=jobs).select_related("picture")}
    load_files(list(clips.values()), *FILES)
    superseded = find_superseded([clips[job.pk].pk for job in jobs if job.is_retryable and job.pk in clips])
    for job in jobs:
        job.card_clip = clip = clips.get(job.pk)
        if clip:
            clip.job = job  # the given row has the prefetched button
            clip.superseded = superseded.get(clip.pk, "")


def render_card(job) -> str:
    """Return the card of the job's clip, with buttons if ``job.can_change``; an empty string without a clip."""
    if not hasattr(job, "card_clip"):
        load_cards([job])
    clip = job.card_clip
    if clip is None:
        return ""
    return draw_card(clip, may_edit=job.can_change)


def render_posters(jobs) -> dict:
    """Return the poster as an HTML image by job id, for the job list."""
    unread = [job for job in jobs if not hasattr(job, "card_clip")]
    rows = ClipFile.objects.filter(clip__job__in=unread, kind=ClipFile.Kind.POSTER)
    posters = list(rows.values_list("clip__job_id", "key")) if unread else []
    clips = [job.card_clip for job in jobs if getattr(job, "card_clip", None)]
    posters += [(clip.job_id, file.key) for clip in clips if (file := clip.file(ClipFile.Kind.POSTER))]
    frame = '<img src="{}" width="480" height="270" alt="" loading="lazy" decoding="async">'
    return {job_id: format_html(frame, storage.create_link(key)) for job_id, key in posters}
