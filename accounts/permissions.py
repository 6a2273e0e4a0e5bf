"""The permissions of each role in a workspace."""

from django.db.models import BooleanField, Exists, OuterRef, Value

from accounts.models import Membership, Role, get_memberships

VIEW, EDIT, MANAGE = "view", "edit", "manage"
ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    Role.VIEWER: frozenset({VIEW}),
    Role.EDITOR: frozenset({VIEW, EDIT}),
    Role.OWNER: frozenset({VIEW, EDIT, MANAGE}),
}


def can(user, permission: str, workspace) -> bool:
    """Return whether the user's role in the workspace has the permission. Operators have no exception."""
    if not user.is_authenticated or workspace is None:
        return False
    pk = getattr(workspace, "pk", workspace)
    return any(
        membership.workspace_id == pk and permission in ROLE_PERMISSIONS.get(membership.role, ())
        for membership in get_memberships(user)
    )


def workspace_ids_with(user, permission: str) -> set:
    """Return the ids of the workspaces in which the user has the permission."""
    if not user.is_authenticated:
        return set()
    rows = get_memberships(user)
    return {membership.workspace_id for membership in rows if permission in ROLE_PERMISSIONS.get(membership.role, ())}


def permission_expression(user, permission: str):
    """Return a query expression: whether the user has the permission in the workspace of a row.

    Always true for guests (``user`` is None), who see only the workspace of their own session.
    """
    if not user:
        return Value(True, output_field=BooleanField())
    return Exists(_memberships(user, permission).filter(workspace=OuterRef("workspace")))


def _memberships(user, permission: str):
    roles = [role for role, permissions in ROLE_PERMISSIONS.items() if permission in permissions]
    return Membership.objects.filter(user=user, role__in=roles)
