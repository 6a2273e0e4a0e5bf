"""Which connections a user may use in a workspace, and the sentence where there is none."""

from django.utils.translation import gettext as _

from accounts.permissions import SPEND, can
from common.messages import Message, build_message, join_messages
from generation.providers.models import Connection
from generation.providers.registry import clip_providers, language_providers


def get_owner_label(connection: Connection) -> str:
    if connection.owner_id:
        return _("personal")
    return connection.workspace.name if connection.workspace_id else _("the studio’s own")


def list_usable_connections(user, workspace) -> list[Connection]:
    """Return the connections that the user may use in the workspace, nearest first, with one query."""
    rows = Connection.objects.usable_by(user, workspace).preferred()
    return list(rows.select_related("workspace"))


def find_usable_connections(by, workspace, slug: str, model: str):
    """Return the connections that this user may use for the model in the workspace, nearest first.

    A workflow uploaded in a workspace only runs on the workspace's own connections.
    """
    rows = Connection.objects.usable_by(by, workspace).filter(provider=slug).preferred()
    return rows.belonging_to(workspace) if is_workspace_model(slug, model, workspace) else rows


def filter_picture_readers(connections: list[Connection]) -> list[Connection]:
    """Return the connections to language models that read pictures."""
    engines = language_providers()
    return [row for row in connections if row.provider in engines and engines[row.provider].reads_pictures(row.facts)]


def is_workspace_model(slug: str, model: str, workspace) -> bool:
    engine = clip_providers().get(slug)
    return bool(engine and model) and engine.is_workspace_model(model, workspace)


def no_connection_message(slug: str, model: str, workspace, *, by=None) -> Message:
    """Return why there is no usable connection, and what to do about it. ``by``: the user whose right to spend counts,
    or None."""
    if by is not None and by.is_authenticated and not can(by, SPEND, workspace):
        return join_messages(build_message("may_not_spend"), build_message("not_started"))
    code = "workflow_not_connected" if is_workspace_model(slug, model, workspace) else "not_connected"
    engine = clip_providers().get(slug)
    return join_messages(build_message(code, provider=engine.label if engine else slug), build_message("not_started"))
