"""Access to connections: returns the row, or raises Http404 as for an id that never existed."""

from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.permissions import MANAGE, can
from generation.providers.models import Connection


def visible_connections(request):
    """Accounts at providers: a person's own and their workspaces'. Guests have none, the site's are the operators'."""
    return Connection.objects.visible_to(request.user).filter(deleted_at=None)


def get_visible_connection(request, pk) -> Connection:
    if found := visible_connections(request).filter(pk=pk).first():
        return found
    raise Http404


def get_managed_connection(request, pk) -> Connection:
    """Their own, or one of a workspace that they own: members who only use it get 403."""
    found = get_visible_connection(request, pk)
    if found.workspace_id and not can(request.user, MANAGE, found.workspace):
        raise PermissionDenied
    return found
