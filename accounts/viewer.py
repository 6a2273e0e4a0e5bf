"""Who looks at the site: a user, a guest with the workspace of their session, or a visitor without any.

``accounts.middleware`` builds one viewer per request (``request.viewer``), and live connections one per session. What
is below the views takes the viewer, or a user where nobody looks, as in a job; never the request.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from accounts.access import get_home, may_operate
from accounts.models import Membership, User, Workspace
from accounts.permissions import EDIT, SPEND, can
from common.database.read_once import ReadOnce

WORKSPACE_FIELD, WORKSPACE_HEADER = "at_workspace", "X-Workspace"  # what a form or an htmx request carries
MATURE_COOKIE, MATURE_SECONDS = "mature", 24 * 3600  # signed; of adults who chose to see mature works today
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Viewer:
    """A user, guest or visitor, with what one request reads of them.

    ``guest_workspace`` is that of the session of somebody who is not signed in. ``entered``: the id of the workspace
    that a user chose to work in. ``opened_mature``: whether the browser chose to see mature works today. A viewer is
    used for one request: ``renew`` it where a connection lasts longer.
    """

    user: User | AnonymousUser
    guest_workspace: Workspace | None = None
    entered: UUID | None = None
    language: str = ""
    opened_mature: bool = False
    _reads: ReadOnce = field(default_factory=ReadOnce, compare=False, repr=False)

    @property
    def is_authenticated(self) -> bool:
        return self.user.is_authenticated

    @property
    def pk(self) -> UUID | None:
        """Return the id of the user, None for guests and visitors."""
        return self.user.pk

    @property
    def member(self) -> User | None:
        """Return the user, None for guests and visitors: who did something, for a service or a row."""
        return self.user if isinstance(self.user, User) else None

    def list_memberships(self) -> list[Membership]:
        return self._memberships

    @cached_property
    def _memberships(self) -> list[Membership]:
        return self.user.list_memberships() if isinstance(self.user, User) else []

    @cached_property
    def workspace(self) -> Workspace | None:
        """Return the workspace at hand: the one that a user entered, else their own, or that of the guest. None for
        visitors."""
        if not isinstance(self.user, User):
            return self.guest_workspace
        workspaces = {row.workspace_id: row.workspace for row in self._memberships}
        own = (row for row in workspaces.values() if row.home_of_id == self.user.pk)
        entered = workspaces.get(self.entered) if self.entered else None
        return entered or next(own, None) or get_home(self.user)

    @cached_property
    def at_hand(self) -> "Viewer":
        """Return the same viewer, who sees only the workspace at hand. For lists; a page of one thing goes by
        membership in any workspace."""
        if len(self.workspaces) < 2:
            return self
        narrow = self.renew()
        narrow.__dict__["_memberships"] = [row for row in self._memberships if row.workspace == self.workspace]
        return narrow

    @property
    def workspaces(self) -> list[Workspace]:
        """Return the workspaces that the viewer may see: those of a user's memberships, or the one of a guest."""
        if self.is_authenticated:
            return [membership.workspace for membership in self._memberships]
        return [self.guest_workspace] if self.guest_workspace else []

    @property
    def workspace_ids(self) -> list[UUID]:
        return [workspace.pk for workspace in self.workspaces]

    @property
    def rights(self) -> tuple:
        """Return what decides about what the viewer sees and may do."""
        roles = frozenset((row.workspace_id, row.role, row.may_spend) for row in self._memberships)
        return self.pk, roles, self.entered, self.guest_workspace and self.guest_workspace.pk, self._operator_rights

    @cached_property
    def _operator_rights(self) -> frozenset[str] | str:
        if not self.user.is_staff:
            return frozenset()
        return "all" if self.user.is_superuser else frozenset(self.user.get_all_permissions())

    def may_operate(self, permission: str) -> bool:
        """Return whether the viewer is an administrator with that permission of the admin, as gallery.view_case."""
        return self.read_once(_may_operate, permission)

    def may_edit(self, workspace: Workspace | UUID) -> bool:
        """Return whether the viewer may edit in the workspace, as a member or as the guest whose workspace it is."""
        if self.is_authenticated:
            return can(self, EDIT, workspace)
        return self._is_guest_of(workspace)

    def may_spend(self, workspace: Workspace | UUID) -> bool:
        """Return whether the viewer may begin what costs money there, on the site's or on a connection's account."""
        return can(self, SPEND, workspace) if self.is_authenticated else self._is_guest_of(workspace)

    def _is_guest_of(self, workspace: Workspace | UUID) -> bool:
        pk = getattr(workspace, "pk", workspace)
        return self.guest_workspace is not None and self.guest_workspace.pk == pk

    def read_once(self, read: "Callable[Concatenate[Viewer, P], T]", *args: P.args, **kwargs: P.kwargs) -> T:
        """Return ``read(viewer, *args)``. It is called once for this viewer and the same arguments."""
        return self._reads(read, self, *args, **kwargs)

    def renew(self) -> "Viewer":
        """Return the same viewer, of whom nothing was read yet."""
        return replace(self, _reads=ReadOnce())


def _may_operate(viewer: Viewer, permission: str) -> bool:
    return may_operate(viewer.user, permission)


def get_workspace(viewer: Viewer, pk: UUID | str) -> Workspace:
    """Return a workspace that the viewer may see, by its id or the text of it in a form. Raises Http404."""
    workspace = next((row for row in viewer.workspaces if str(row.pk) == str(pk)), None)
    if workspace is None:
        raise Http404
    return workspace
