"""Find connections that a user may see or change. A hidden connection raises Http404, like an unknown id."""

from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.permissions import MANAGE, can
from generation.providers.models import Connection


def visible_connections(user):
    """Return the user's connections and those of their workspaces; the site's own are only in the admin."""
    return Connection.objects.visible_to(user).filter(deleted_at=None)


def get_visible_connection(user, pk) -> Connection:
    if connection := visible_connections(user).filter(pk=pk).first():
        return connection
    raise Http404


def get_managed_connection(user, pk) -> Connection:
    """Return a connection that the user may change. Raises PermissionDenied if the user may only use it."""
    connection = get_visible_connection(user, pk)
    if connection.workspace_id and not can(user, MANAGE, connection.workspace):
        raise PermissionDenied
    return connection
