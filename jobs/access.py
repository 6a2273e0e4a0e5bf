"""Access to jobs. What a user may not see is 404, like an id that never existed."""

from dataclasses import dataclass

from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.access import get_guest_workspace, visible_workspaces
from accounts.models import User, Workspace
from accounts.permissions import EDIT, can, permission_expression
from accounts.sign_in.session_lifetime import is_expired
from jobs import registry
from jobs.models import Job


def visible_jobs_and_trash(request):
    """Returns the jobs of the user's or guest's workspaces, including the trash, without other users' private jobs."""
    return Job.objects.filter(visible_to(request.user.pk), workspace__in=visible_workspaces(request))


def visible_to(user_id) -> Q:
    """Returns a filter that excludes other users' private jobs. ``user_id`` is None or "" for a guest."""
    shared = ~Q(kind__in=registry.private_kinds())
    return shared | Q(created_by=user_id) if user_id else shared


def visible_jobs(request):
    """Returns the same without the trash."""
    return visible_jobs_and_trash(request).filter(deleted_at=None)


def get_visible_job(request, pk) -> Job:
    return _get_or_404(visible_jobs(request), pk)


def get_editable_job(request, pk) -> Job:
    """Returns the job, also from the trash. 404 if the user may not see it, 403 if they may only view it."""
    job = _get_or_404(visible_jobs_and_trash(request), pk)
    if not can_change(request, job):
        raise PermissionDenied
    return job


def can_change(request, job: Job) -> bool:
    """Whether the user may change a job that they can see. Guests see only their own jobs."""
    return not request.user.is_authenticated or can(request.user, EDIT, job.workspace)


def with_permissions(rows, user):
    """Annotate rows with ``can_change`` for ``user`` (a user, their id, or None for a guest)."""
    return rows.annotate(can_change=permission_expression(user, EDIT))


def get_editable_jobs(request, pks) -> list[Job]:
    """Returns those of the jobs that exist and may be changed; a list on a page may be stale."""
    rows = visible_jobs_and_trash(request).filter(pk__in=pks).select_related("workspace")
    if request.user.is_authenticated:
        workspaces = {job.workspace_id: job.workspace for job in rows}
        allowed = {pk for pk, workspace in workspaces.items() if can(request.user, EDIT, workspace)}
        return [job for job in rows if job.workspace_id in allowed]
    return list(rows)


def _get_or_404(rows, pk) -> Job:
    job = rows.select_related("workspace").filter(pk=pk).first()
    if job is None:
        raise Http404
    return job


@dataclass(frozen=True)
class Viewer:
    """The viewer of a WebSocket: a user, or a guest with a workspace."""

    name: str  # the same for all tabs of a user
    user_id: str
    workspaces: frozenset
    language: str

    @property
    def user(self):
        """Returns the user, read from the database on first access, or AnonymousUser for a guest."""
        return SimpleLazyObject(lambda: User.objects.filter(pk=self.user_id or None).first() or AnonymousUser())

    def jobs(self):
        rows = Job.objects.filter(visible_to(self.user_id), workspace__in=self.workspaces)
        return with_permissions(rows, self.user_id)


def get_viewer(session_key: str | None) -> Viewer | None:
    """Returns the current viewer of the session, or None if they may see nothing."""
    if not (session_key or "").isprintable():
        return None
    request = HttpRequest()
    request.session = SessionStore(session_key)
    user = get_user(request)
    if user.is_authenticated and not is_expired(request.session):
        workspaces = frozenset(Workspace.objects.visible_to(user).values_list("pk", flat=True))
        return Viewer(f"user.{user.pk}", str(user.pk), workspaces, user.language)
    if guest := get_guest_workspace(request.session):
        return Viewer(f"guest.{guest.pk}", "", frozenset({guest.pk}), "")
    return None
