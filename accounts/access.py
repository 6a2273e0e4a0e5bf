"""Access to workspaces. What a user may not see is 404, like an id that never existed."""

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext

from accounts.models import Membership, Role, User, Workspace
from accounts.models.user import display_name

GUEST_KEY = "guest_workspace"


def get_home(user: User) -> Workspace:
    """Returns the user's own workspace. Creates it for users without one (``createsuperuser``)."""
    return Workspace.objects.filter(home_of=user).first() or _create_home(user)


@transaction.atomic
def _create_home(user: User) -> Workspace:
    home, _created = Workspace.objects.get_or_create(home_of=user, defaults={"name": display_name(user)})
    Membership.objects.get_or_create(workspace=home, user=user, defaults={"role": Role.OWNER})
    return home


def get_guest_workspace(session) -> Workspace | None:
    """Returns the workspace of a session before sign-up, or None if it has none or it was deleted."""
    if not (pk := session.get(GUEST_KEY)):
        return None
    return Workspace.objects.filter(pk=pk, kind=Workspace.Kind.GUEST).first()


def get_or_create_guest_workspace(request) -> Workspace:
    """Returns the guest workspace of the session. The session keeps it until sign-up."""
    if existing := get_guest_workspace(request.session):
        return existing
    workspace = Workspace.objects.create(name=gettext("Guest"), kind=Workspace.Kind.GUEST)
    request.session[GUEST_KEY] = str(workspace.pk)
    request.workspace = workspace
    return workspace


def visible_workspaces(request):
    """Returns the workspaces of a user by membership, or the one of a guest's session."""
    if request.user.is_authenticated:
        return Workspace.objects.visible_to(request.user)
    return Workspace.objects.filter(pk=request.workspace.pk) if request.workspace else Workspace.objects.none()


def get_visible_workspace(request, pk) -> Workspace:
    workspace = visible_workspaces(request).filter(pk=pk).first()
    if workspace is None:
        raise Http404
    return workspace
