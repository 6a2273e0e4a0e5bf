"""Which jobs a user or guest may see and change.

The functions raise Http404 for a job that may not be seen, as for an id that does not exist, and PermissionDenied for a
job that may only be viewed.
"""

from functools import partial
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Case, Count, Max, OuterRef, Q, Subquery, When
from django.http import Http404

from accounts.permissions import EDIT, permission_expression
from accounts.viewer import Viewer
from common.database.counting import count_written
from common.database.written_query import WrittenQuery
from common.web.paths import path_of
from jobs import registry
from jobs.models import TERMINAL, Job


def visible_jobs_and_trash(viewer: Viewer):
    """Return the jobs of the viewer's workspaces, including the trash, without other users' private jobs."""
    return Job.objects.visible_to(viewer).filter(visible_to(viewer.pk))


def visible_to(user_id) -> Q:
    """Return a filter that excludes other users' private jobs. ``user_id`` is None or "" for a guest."""
    shared = ~Q(kind__in=registry.private_kinds())
    return shared | Q(created_by=user_id) if user_id else shared


def visible_jobs(viewer: Viewer):
    """Return the visible jobs that are not in the trash."""
    return visible_jobs_and_trash(viewer).filter(deleted_at=None)


def system_jobs() -> Q:
    """Return a filter for tests, preparations, and jobs whose work other jobs show one by one."""
    found = Q(kind__in=registry.system_kinds())
    for condition in registry.repeated_jobs():
        found |= condition
    return found


def with_system_mark(rows):
    """Annotate rows with ``is_system``: whether only the filter "System" lists the job."""
    return rows.annotate(is_system=Case(When(system_jobs(), then=True), default=False))


def count_active(viewer: Viewer) -> int:
    """Return how many jobs of the workspace at hand are active, without those that only the filter "System" lists."""
    return count_written(write_active_jobs(viewer.pk, viewer.workspace.pk)) if viewer.workspace else 0


def write_active_jobs(user_id: UUID | None, workspace: UUID) -> tuple[str, list]:
    """Return SQL with its parameters: the active jobs of a workspace that the user may see, without those that only the
    filter "System" lists. ``user_id`` is None for a guest."""
    return _USERS_ACTIVE.write(user_id, workspace) if user_id else _GUESTS_ACTIVE.write(workspace)


def _build_active_jobs(user_id: UUID | None, workspace: UUID):
    rows = Job.objects.shown().filter(visible_to(user_id)).active().exclude(system_jobs()).order_by()
    return rows.filter(workspace=workspace).values("pk")  # read from an index


_USERS_ACTIVE = WrittenQuery(_build_active_jobs)
_GUESTS_ACTIVE = WrittenQuery(partial(_build_active_jobs, None))


def list_job_revisions(ids: list[UUID], viewer: Viewer | None) -> dict[UUID, int]:
    """Return the revisions of jobs, also of those in the trash (common.live.topics)."""
    rows = visible_jobs_and_trash(viewer) if viewer else Job.objects.all()
    return dict(rows.filter(pk__in=ids).values_list("pk", "rev"))


def list_queue_revisions(ids: list[UUID], viewer: Viewer | None) -> dict[UUID, str]:
    """Return what changes with the active jobs of workspaces, which badges count (common.live.topics)."""
    ids = [pk for pk in ids if viewer is None or pk in viewer.workspace_ids]
    rows = Job.objects.active().shown().filter(workspace__in=ids).order_by().values_list("workspace")
    counts = {pk: f"{count}-{newest:%s.%f}" for pk, count, newest in rows.annotate(Count("pk"), Max("created_at"))}
    return {pk: counts.get(pk, "0") for pk in ids}


def describe_jobs(viewer: Viewer, ids) -> dict:
    """Return job id → (title, path of its page) of those of the jobs that the viewer may see."""
    rows = visible_jobs(viewer).filter(pk__in=ids).values_list("pk", "title")
    return {pk: (title, path_of("jobs:job", pk)) for pk, title in rows}


def count_jobs_of_users(users) -> dict:
    """Return user id → ``{"jobs": …, "active_jobs": …}`` of the users' own workspaces, for operators."""
    rows = Job.objects.filter(workspace__home_of__in=users).order_by().values_list("workspace__home_of")
    counts = rows.annotate(all=Count("pk"), active=Count("pk", filter=~Q(state__in=TERMINAL)))
    return {user: {"jobs": jobs, "active_jobs": active} for user, jobs, active in counts}


def get_visible_job(viewer: Viewer, pk) -> Job:
    return _get_or_404(visible_jobs(viewer), pk)


def get_editable_job(viewer: Viewer, pk) -> Job:
    """Return the job, also from the trash."""
    job = _get_or_404(visible_jobs_and_trash(viewer), pk)
    if not viewer.may_edit(job.workspace_id):
        raise PermissionDenied
    return job


def with_permissions(rows, user):
    """Annotate rows with ``can_change`` for ``user`` (a user, their id, or None for a guest)."""
    return rows.annotate(can_change=permission_expression(user, EDIT))


def with_retries(rows):
    """Annotate rows with ``newer_retry_id``: the id of a newer job that retries the job, or None.

    A subquery is read for each row of a page; for EXISTS, PostgreSQL would read the index of all retries instead.
    """
    return rows.annotate(newer_retry_id=Subquery(Job.objects.filter(retry_of=OuterRef("pk")).values("pk")[:1]))


def get_editable_jobs(viewer: Viewer, pks) -> list[Job]:
    """Return those of the jobs that exist and that the viewer may change. A page may list jobs that are gone."""
    rows = visible_jobs_and_trash(viewer).filter(pk__in=pks).select_related("workspace")
    return [job for job in rows if viewer.may_edit(job.workspace_id)]


def _get_or_404(rows, pk) -> Job:
    job = rows.select_related("workspace").filter(pk=pk).first()
    if job is None:
        raise Http404
    return job
