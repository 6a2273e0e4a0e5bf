"""What polls of film pages compare: the rows of everything that the pages show while something is made."""

from uuid import UUID

from django.db.models import Count, Min, OuterRef, Subquery

from common.database.reading import read_rows
from jobs.views.polling import build_last_job, describe_jobs, list_roles, list_scope
from studio.models import Film, FilmSettings, Music, Story
from studio.timeline.polling import list_columns, list_job_columns, read_board


def read_film_plan(request, pk: UUID) -> tuple | None:
    """Return the facts of a story's film as it would be made now, and of the tracks to choose from; None for a story
    that the viewer may not see, and for one in the trash."""
    return read_board(request, pk, (select_settings, pk), (_select_tracks, pk))


def read_film(request, pk: UUID) -> tuple | None:
    """Return (job, facts) of a film with its story; None if the viewer may not see the film."""
    rows = read_rows(_select_film, pk, list_scope(request)[0])
    if not rows:
        return None
    job = build_last_job(rows[0])
    return job, (rows, describe_jobs([job], has_stories=False), list_roles(request.user))


def select_settings(story):
    """Select the film settings of a story with the title of its track, and how many other stories use the track."""
    others = FilmSettings.objects.filter(music=OuterRef("music")).exclude(story=story).order_by().values("music")
    rows = FilmSettings.objects.filter(story=story).annotate(
        others=Subquery(others.annotate(found=Count("pk")).values("found")),
        other=Subquery(others.annotate(found=Min("story__title")).values("found")),
    )
    return rows.values_list(*list_columns(FilmSettings), "music__title", "others", "other")


def _select_tracks(story):
    rows = Music.objects.filter(workspace__in=Story.objects.filter(pk=story).values("workspace")).order_by("pk")
    return rows.values_list(*list_columns(Music), *list_job_columns("job__"))


def _select_film(pk, workspaces):
    rows = Film.objects.filter(pk=pk, story__workspace__in=workspaces, story__deleted_at=None)
    return rows.values_list(*list_columns(Film), *list_columns(Story, "story__"), *list_job_columns("job__"))
