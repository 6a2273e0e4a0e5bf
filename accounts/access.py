"""Who may reach which workspace: gives it, or 404, the same as for an id that never was."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext

from accounts.models import Membership, Role, User, Workspace
from accounts.models.user import display_name
from accounts.permissions import EDIT, can

GUEST_KEY = "guest_workspace"


def home_of(user: User) -> Workspace:
    """The person's own workspace; whoever came without one (``createsuperuser``) gets it now."""
    found = Workspace.objects.filter(home_of=user).first()
    return found or _open_home(user)


@transaction.atomic
def _open_home(user: User) -> Workspace:
    home, _made = Workspace.objects.get_or_create(home_of=user, defaults={"name": display_name(user)})
    Membership.objects.get_or_create(workspace=home, user=user, defaults={"role": Role.OWNER})
    return home


def guest_workspace(session) -> Workspace | None:
    """The workspace of this browser session before sign-up, if it has one and it was not purged."""
    if not (pk := session.get(GUEST_KEY)):
        return None
    return Workspace.objects.filter(pk=pk, kind=Workspace.Kind.GUEST).first()


def start_guest(request) -> Workspace:
    """The visitor's guest workspace, made on first need and kept in their session until they sign up."""
    if found := guest_workspace(request.session):
        return found
    made = Workspace.objects.create(name=gettext("Guest"), kind=Workspace.Kind.GUEST)
    request.session[GUEST_KEY] = str(made.pk)
    request.workspace = made
    return made


def workspaces_to_see(request):
    """Those of a person by membership; a guest's is the one of their session."""
    if request.user.is_authenticated:
        return Workspace.objects.visible_to(request.user)
    return Workspace.objects.filter(pk=request.workspace.pk) if request.workspace else Workspace.objects.none()


def workspace_to_see(request, pk) -> Workspace:
    found = workspaces_to_see(request).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def workspace_to_edit(request, pk) -> Workspace:
    """404 for strangers, 403 for those who may only look."""
    found = workspace_to_see(request, pk)
    if request.user.is_authenticated and not can(request.user, EDIT, found):
        raise PermissionDenied
    return found
