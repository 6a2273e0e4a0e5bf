"""What each role may do in a workspace."""

from django.db.models import BooleanField, Exists, OuterRef, Value

from accounts.models import Membership, Role

VIEW, EDIT, MANAGE = "view", "edit", "manage"
HELD_BY = {
    Role.VIEWER: frozenset({VIEW}),
    Role.EDITOR: frozenset({VIEW, EDIT}),
    Role.OWNER: frozenset({VIEW, EDIT, MANAGE}),
}


def can(user, permission: str, workspace) -> bool:
    """True if the person's role in the workspace holds the permission; operators get no way around it."""
    if not user.is_authenticated or workspace is None:
        return False
    return _memberships(user, permission).filter(workspace=workspace).exists()


def workspaces_with(user, permission: str) -> set:
    """Ids of the workspaces in which the person's role holds the permission."""
    return set(_memberships(user, permission).values_list("workspace", flat=True)) if user.is_authenticated else set()


def holds(user, permission: str):
    """The same for each row that has a workspace, as an expression that is asked with the rows. A visitor holds
    everything in what they may see: it is the workspace of their own session."""
    if not user:
        return Value(True, output_field=BooleanField())
    return Exists(_memberships(user, permission).filter(workspace=OuterRef("workspace")))


def _memberships(user, permission: str):
    roles = [role for role, held in HELD_BY.items() if permission in held]
    return Membership.objects.filter(user=user, role__in=roles)
