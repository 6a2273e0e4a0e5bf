"""Render the card of a film's job, its poster in the list of jobs, and the film tab of a story."""

from django.template.loader import render_to_string
from django.utils.html import format_html

from generation.media import storage
from studio.models import Film


def render_card(job) -> str:
    """Return the card of the job's film, with buttons if ``job.can_change``; "" if the job has no film."""
    film = Film.objects.select_related("story__workspace").filter(job=job).first()
    if film is None:
        return ""
    film.job = job  # with its time, if that was read
    return render_to_string("studio/_film_card.html", {"film": film, "may_edit": job.can_change})


def render_posters(jobs) -> dict:
    """Return job id → poster markup for the finished films among these jobs."""
    films = Film.objects.filter(job__in=jobs).exclude(ready_at=None).only("pk", "job_id", "poster")
    frame = '<img src="{}" width="480" height="270" alt="" loading="lazy" decoding="async">'
    return {film.job_id: format_html(frame, storage.create_link(film.poster_key)) for film in films}


def render_film_tab(context) -> str:
    """Return the film tab of a story for the slot "story.tabs"."""
    request, story = context.get("request"), context.get("story")
    match = getattr(request, "resolver_match", None)
    is_current = bool(match) and match.url_name in ("film", "film_settings", "make_film", "music", "join")
    return render_to_string("studio/_tabs.html#film", {"story": story, "is_current": is_current}) if story else ""
