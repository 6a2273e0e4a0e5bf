from accounts.models.audit import AuditEvent
from accounts.models.maintenance import Maintenance
from accounts.models.user import User
from accounts.models.workspace import Membership, Role, Workspace, get_memberships, get_workspace_ids, in_workspaces_of

__all__ = [
    "AuditEvent",
    "Maintenance",
    "Membership",
    "Role",
    "User",
    "Workspace",
    "get_memberships",
    "get_workspace_ids",
    "in_workspaces_of",
]
