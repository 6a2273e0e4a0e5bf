"""The permissions of each role in a workspace."""

from django.db.models import BooleanField, Exists, OuterRef, Q, Value

from accounts.models import Membership, Role, get_memberships

VIEW, COMMENT, EDIT, PUBLISH = "view", "comment", "edit", "publish"
SPEND, MANAGE, BILL = "spend", "manage", "bill"
ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    Role.VIEWER: frozenset({VIEW}),
    Role.REVIEWER: frozenset({VIEW, COMMENT}),
    Role.EDITOR: frozenset({VIEW, COMMENT, EDIT, PUBLISH, SPEND}),
    Role.OWNER: frozenset({VIEW, COMMENT, EDIT, PUBLISH, SPEND, MANAGE, BILL}),
}
RANK = {role: len(permissions) for role, permissions in ROLE_PERMISSIONS.items()}


def list_roles_up_to(role: str) -> list[Role]:
    """Return the roles that a member with this role may see and hand out, the highest first."""
    return [other for other in Role if RANK[other] <= RANK.get(role, 0)]


def has_permission(membership: Membership, permission: str) -> bool:
    """Return whether the member has the permission: that of their role, to spend only if it was not taken away."""
    return permission in ROLE_PERMISSIONS.get(membership.role, ()) and (permission != SPEND or membership.may_spend)


def find_membership(user, workspace) -> Membership | None:
    """Return the user's or viewer's membership in a workspace or the id of one, or None."""
    if not user.is_authenticated or workspace is None:
        return None
    pk = getattr(workspace, "pk", workspace)
    return next((membership for membership in get_memberships(user) if membership.workspace_id == pk), None)


def can(user, permission: str, workspace) -> bool:
    """Return whether the user's role in the workspace has the permission. Operators have no exception."""
    membership = find_membership(user, workspace)
    return membership is not None and has_permission(membership, permission)


def workspace_ids_with(user, permission: str) -> set:
    """Return the ids of the workspaces in which the user has the permission."""
    if not user.is_authenticated:
        return set()
    return {row.workspace_id for row in get_memberships(user) if has_permission(row, permission)}


def permission_expression(user, permission: str):
    """Return a query expression: whether the user has the permission in the workspace of a row.

    Always true for guests (``user`` is None), who see only the workspace of their own session.
    """
    if not user:
        return Value(True, output_field=BooleanField())
    return Exists(Membership.objects.filter(build_condition(permission), user=user, workspace=OuterRef("workspace")))


def build_condition(permission: str) -> Q:
    """Return a condition for the memberships that have the permission."""
    condition = Q(role__in=[role for role, permissions in ROLE_PERMISSIONS.items() if permission in permissions])
    return condition & Q(may_spend=True) if permission == SPEND else condition
