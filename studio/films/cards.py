"""A film's job as a card, live over the socket, and the way to the film among the parts of a story."""

from django.template.loader import render_to_string
from django.utils.html import format_html

from generation.media import storage
from studio.models import Film


def render_card(job) -> str:
    """The card of the film that this job makes, with buttons where ``job.can_change``; empty when it has none."""
    film = Film.objects.select_related("job", "story__workspace").filter(job=job).first()
    if film is None:
        return ""
    return render_to_string("studio/_film_card.html", {"film": film, "may_edit": job.can_change})


def render_posters(jobs) -> dict:
    """A small frame for the row of each film in the queue: its poster, or nothing while there is none."""
    films = Film.objects.filter(job__in=jobs).exclude(ready_at=None).only("pk", "job_id", "poster")
    frame = '<img src="{}" width="480" height="270" alt="" loading="lazy" decoding="async">'
    return {film.job_id: format_html(frame, storage.create_link(film.poster_key)) for film in films}


def render_tab(context) -> str:
    """Fills "story.tabs"."""
    request, story = context.get("request"), context.get("story")
    match = getattr(request, "resolver_match", None)
    is_here = bool(match) and match.url_name in ("film", "film_settings", "make_film", "music", "join")
    return render_to_string("studio/_film_tab.html", {"story": story, "is_here": is_here}) if story else ""
