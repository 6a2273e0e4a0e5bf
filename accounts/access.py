"""The workspaces of users and guests, and who may open the operators' pages."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext

from accounts.models import Membership, Role, User, Workspace
from accounts.models.user import display_name

GUEST_KEY = "guest_workspace"
ENTERED_KEY = "workspace"  # session key: the id of the workspace that a user entered
GUEST_PAGE = "guest_page"  # session key: [path, sentence], the page after the sign-up


def get_home(user: User) -> Workspace:
    """Return the user's own workspace. Creates it for users without one (``createsuperuser``)."""
    return Workspace.objects.filter(home_of=user).first() or _create_home(user)


@transaction.atomic
def _create_home(user: User) -> Workspace:
    home, _created = Workspace.objects.get_or_create(home_of=user, defaults={"name": display_name(user)})
    Membership.objects.get_or_create(workspace=home, user=user, defaults={"role": Role.OWNER})
    return home


def get_guest_workspace(session) -> Workspace | None:
    """Return the guest workspace of a session, or None if the session has none or the workspace was deleted."""
    if not (pk := session.get(GUEST_KEY)):
        return None
    return Workspace.objects.filter(pk=pk, kind=Workspace.Kind.GUEST).first()


def get_entered_workspace(session) -> UUID | None:
    """Return the id of the workspace that a user entered. Whether they still are a member is for the viewer."""
    return UUID(pk) if (pk := session.get(ENTERED_KEY)) else None


def get_or_create_guest_workspace(session) -> Workspace:
    """Return the guest workspace of a session, which keeps it until sign-up."""
    if existing := get_guest_workspace(session):
        return existing
    workspace = Workspace.objects.create(name=gettext("Guest"), kind=Workspace.Kind.GUEST)
    session[GUEST_KEY] = str(workspace.pk)
    return workspace


def may_operate(user, permission: str) -> bool:
    """Return whether the user is an administrator with that permission of the admin, such as ``jobs.view_job``.

    On a hosted site permissions of administrators count only with two-factor authentication.
    """
    if not (user.is_staff and user.has_perm(permission)):
        return False
    return settings.IS_EMBEDDED or is_mfa_enabled(user)


def has_any_right(user) -> bool:
    """Return whether the user is an administrator with any permission at all."""
    return user.is_active and user.is_staff and (user.is_superuser or bool(user.get_all_permissions()))


def check_operator(user, permission: str = "") -> None:
    """Raise Http404 unless the user is an administrator with that permission, or with any if none is named."""
    if not (may_operate(user, permission) if permission else has_any_right(user)):
        raise Http404


def operator_page(permission: str = "", *, needs: Callable[[], bool] | None = None):
    """Decorate a page for operators with the permission, or with any. Where ``needs()`` is false, it does not exist."""

    def decorate(view):
        @wraps(view)
        def wrapped(request, *args, **kwargs):
            check_operator(request.user, permission)
            if needs and not needs():
                raise Http404
            return view(request, *args, **kwargs)

        return wrapped

    return decorate
