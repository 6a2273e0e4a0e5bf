"""What a poll of the director compares: the values of everything that its page shows while the model writes."""

from uuid import UUID

from common.database.reading import read_rows
from jobs.models import Job
from jobs.views.polling import build_last_job, list_roles, list_scope
from studio.models import Direction
from studio.timeline.polling import list_columns, list_job_columns


def read_direction(request, story: UUID) -> tuple[Job, tuple] | None:
    """Return the job and the facts of the story's newest direction; None if the viewer may not see the story, or if it
    has no direction."""
    rows = read_rows(select_direction, story, list_scope(request)[0])
    if not rows:
        return None
    return build_last_job(rows[0]), (rows, list_roles(request.user))


def select_direction(story, workspaces):
    rows = Direction.objects.filter(story=story, story__workspace__in=workspaces, story__deleted_at=None)
    columns = [*list_columns(Direction), "story__title", "connection__label", *list_job_columns("job__")]
    return rows.order_by("-created_at").values_list(*columns)[:1]
