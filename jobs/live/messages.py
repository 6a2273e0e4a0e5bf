"""Messages for open pages about what changed, as JSON texts.

The first says which ``topics`` have which revisions now. The others have ``content``, which htmx swaps: the rows of
changed jobs, and the badge beside "Jobs".
"""

import json
from collections.abc import Mapping
from uuid import UUID

from accounts.viewer import Viewer
from common.live import topics
from jobs import access
from jobs.views import cards

MAX_BYTES = 48_000  # of a content: daphne closes the socket at its frame limit (jobs/worker/startup.py)


def describe_changes(shown: Mapping[str, str], viewer: Viewer) -> list[str]:
    """Return messages about what a page shows at another revision (topic → revision), and the badge.

    A topic that the viewer may not see has the revision "".
    """
    current = topics.list_revisions(shown, viewer)
    topics.keep(current, viewer)
    changes = {topic: current.get(topic, "") for topic in shown if current.get(topic) != shown[topic]}
    return build_messages(changes | {f"queue:{pk}": "" for pk in viewer.at_hand.workspace_ids}, viewer)


def build_messages(changes: Mapping[str, str], viewer: Viewer) -> list[str]:
    """Return messages about changed topics (topic → revision)."""
    ids = [UUID(topic.removeprefix("job:")) for topic in changes if topic.startswith("job:")]
    jobs = access.with_permissions(access.visible_jobs_and_trash(viewer).filter(pk__in=ids), viewer.pk)
    parts = cards.render_partials(access.with_retries(jobs), viewer.user) if ids else []
    if any(topic.startswith("queue:") for topic in changes):
        parts.append(str(cards.badge(access.count_active(viewer))))
    contents = [json.dumps({"content": content}, ensure_ascii=False) for content in _join_parts(parts)]
    return [json.dumps({"topics": dict(changes)}), *contents]


def _join_parts(parts: list[str]) -> list[str]:
    """Join the parts to as few as possible, of at most MAX_BYTES unless a single part is larger."""
    joined: list[list[str]] = []
    size = MAX_BYTES
    for part in parts:
        size += len(part.encode())
        if size > MAX_BYTES:
            joined.append([])
            size = len(part.encode())
        joined[-1].append(part)
    return ["".join(some) for some in joined]
