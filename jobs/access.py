"""Whose jobs one may see and touch: gives them, or 404 as for an id that never was."""

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


def all_to_see(request):
    """Jobs of the person's workspaces, or of the visitor's own, those in the bin as well; what is somebody's alone only
    to them."""
    return Job.objects.filter(open_to(request.user.pk), workspace__in=visible_workspaces(request))


def open_to(user_id) -> Q:
    """Of jobs in a workspace that they may see, those that are not somebody else's alone; nobody is a visitor."""
    shared = ~Q(kind__in=registry.private_kinds())
    return shared | Q(created_by=user_id) if user_id else shared


def visible_jobs(request):
    """The same, none from the bin."""
    return all_to_see(request).filter(deleted_at=None)


def get_visible_job(request, pk) -> Job:
    return _one(visible_jobs(request), pk)


def get_editable_job(request, pk) -> Job:
    """404 for strangers, 403 for those who may only look; finds jobs in the bin too."""
    job = _one(all_to_see(request), pk)
    if not can_change(request, job):
        raise PermissionDenied
    return job


def can_change(request, job: Job) -> bool:
    """Of a job that the visitor may see: what is not a person's is their own."""
    return not request.user.is_authenticated or can(request.user, EDIT, job.workspace)


def with_permissions(rows, user):
    """Rows of what ``user`` (a person, their id, or nobody for a visitor) may see, each with ``can_change``."""
    return rows.annotate(can_change=permission_expression(user, EDIT))


def get_editable_jobs(request, pks) -> list[Job]:
    """Those of ``pks`` that exist and may be changed, the rest silently not: a list may be stale."""
    rows = all_to_see(request).filter(pk__in=pks).select_related("workspace")
    if request.user.is_authenticated:
        may = {job.workspace_id: job.workspace for job in rows}
        allowed = {pk for pk, workspace in may.items() if can(request.user, EDIT, workspace)}
        return [job for job in rows if job.workspace_id in allowed]
    return list(rows)


def _one(rows, pk) -> Job:
    job = rows.select_related("workspace").filter(pk=pk).first()
    if job is None:
        raise Http404
    return job


@dataclass(frozen=True)
class Viewer:
    """Who looks through a socket: a person, or a visitor with a workspace of their own."""

    name: str  # one person, however many tabs
    user_id: str
    workspaces: frozenset
    language: str

    @property
    def person(self):
        """Read when somebody asks what they in particular may do; nobody for a visitor."""
        return SimpleLazyObject(lambda: User.objects.filter(pk=self.user_id or None).first() or AnonymousUser())

    def jobs(self):
        rows = Job.objects.filter(open_to(self.user_id), workspace__in=self.workspaces)
        return with_permissions(rows, self.user_id)


def viewer(session_key: str | None) -> Viewer | None:
    """The person or visitor of that session as things stand now; None when there is nothing they may watch."""
    if not (session_key or "").isprintable():
        return None
    request = HttpRequest()
    request.session = SessionStore(session_key)
    user = get_user(request)
    if user.is_authenticated and not is_expired(request.session):
        mine = frozenset(Workspace.objects.visible_to(user).values_list("pk", flat=True))
        return Viewer(f"user.{user.pk}", str(user.pk), mine, user.language)
    if guest := get_guest_workspace(request.session):
        return Viewer(f"guest.{guest.pk}", "", frozenset({guest.pk}), "")
    return None
