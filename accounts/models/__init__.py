from accounts.billing.models import Entry, Hold, Wallet
from accounts.models.audit import AuditEvent
from accounts.models.user import User
from accounts.models.workspace import Membership, Role, Workspace

__all__ = ["AuditEvent", "Entry", "Hold", "Membership", "Role", "User", "Wallet", "Workspace"]
