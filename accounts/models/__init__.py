from accounts.billing.models import (
    Entry,
    ExchangeRate,
    Grant,
    Hold,
    LimitCount,
    Plan,
    SiteDay,
    StoryDay,
    Subscription,
    UsageDay,
    Wallet,
)
from accounts.models.audit import AuditEvent
from accounts.models.user import User
from accounts.models.workspace import Membership, Role, Workspace, get_memberships, get_workspace_ids, in_workspaces_of

__all__ = [
    "AuditEvent",
    "Entry",
    "ExchangeRate",
    "Grant",
    "Hold",
    "LimitCount",
    "Membership",
    "Plan",
    "Role",
    "SiteDay",
    "StoryDay",
    "Subscription",
    "UsageDay",
    "User",
    "Wallet",
    "Workspace",
    "get_memberships",
    "get_workspace_ids",
    "in_workspaces_of",
]
