"""What each role may do in a workspace."""

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
    roles = [role for role, held in HELD_BY.items() if permission in held]
    return Membership.objects.filter(user=user, workspace=workspace, role__in=roles).exists()
