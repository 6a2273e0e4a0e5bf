"""What a poll of the first film compares: the rows of everything that its page shows while it is made."""

from uuid import UUID

from jobs.views.polling import list_scope
from studio.director.polling import select_direction
from studio.films.polling import select_settings
from studio.models import Film, Run
from studio.timeline.polling import list_columns, list_job_columns, read_board


def read_first_film(request, pk: UUID) -> tuple | None:
    """Return the facts of the first film of a story; None for a story that the viewer may not see, and for one in the
    trash."""
    parts = [(select, pk) for select in (_select_run, _select_film, select_settings)]
    return read_board(request, pk, (select_direction, pk, list_scope(request)[0]), *parts)


def _select_run(story):
    rows = Run.objects.filter(story=story, makes_film=True).order_by("-created_at")
    return rows.values_list(*list_columns(Run), *list_job_columns("job__"))[:1]


def _select_film(story):
    rows = Film.objects.shown().filter(story=story).newest_first()
    return rows.values_list(*list_columns(Film), *list_job_columns("job__"))[:1]
