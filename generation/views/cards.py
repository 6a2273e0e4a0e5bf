"""A clip's job as the card that lies on the table of the Create page, also sent over the socket."""

from django.template.loader import render_to_string
from django.utils.html import format_html

from generation.media import storage
from generation.models import Clip, ClipFile
from generation.services.retry import superseded


def render(job) -> str:
    """The card of the clip that this job makes, with buttons where ``job.can_change``; empty when it has none."""
    clip = Clip.objects.with_files().filter(job=job).first()
    if clip is None:
        return ""
    clip.job = job  # it knows what its button says
    clip.superseded = superseded([clip.pk]).get(clip.pk) if job.is_retryable else ""
    return render_to_string("generation/_job_card.html", {"clip": clip, "may_edit": job.can_change})


def pictures(jobs) -> dict:
    """A small frame for the row of each job in the queue: the poster, or nothing while there is none."""
    posters = ClipFile.objects.filter(clip__job__in=jobs, kind=ClipFile.Kind.POSTER).values_list("clip__job_id", "key")
    frame = '<img src="{}" width="480" height="270" alt="" loading="lazy" decoding="async">'
    return {job_id: format_html(frame, storage.create_link(key)) for job_id, key in posters}
