"""Hints over Channels that a topic has changed. Pages then read what they show of it, as far as they may."""

from django.db import transaction

from common.live.sender import send
from common.logs import request_id


def workspace_group(workspace_id) -> str:
    """Return the name of the group of the pages whose viewers belong to a workspace."""
    return f"live.{workspace_id}"


def hint_after_commit(group: str, *topics: str) -> None:
    """Send a hint when the transaction commits. A failure is logged only."""
    transaction.on_commit(lambda: send_hint(group, *topics), robust=True)


def send_hint(group: str, *topics: str) -> None:
    """Send a hint. It says whether a request made the change, because that page also gets the response."""
    send(group, {"type": "live.hint", "topics": topics, "by_request": request_id.get() != "-"})
