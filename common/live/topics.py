"""Topics of pages: what an open page shows, such as "job:ID" or "story:ID", and at which revision.

An app names its kinds of topics in ``SiteHooks.live_topics``. A revision is a short text without spaces that is
computed from rows and changes whenever what pages show of the topic may have changed. An element says what it shows in
its attribute ``data-topics``: ``job:ID.REVISION story:ID.REVISION`` (static/js/live-updates.js).
"""

import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from common.hooks import SiteHooks

MAX_TOPICS = 200  # of a page (static/js/live-updates.js)
CHUNK = 5_000  # ids of one query: databases limit the number of its parameters


@dataclass(frozen=True)
class TopicKind:
    """A kind of topics.

    ``list_revisions(ids, viewer)`` returns ``{id: revision}`` of those that exist and that the viewer may see, in one
    query. With None as the viewer it omits the check of rights, for comparisons whose result nobody sees.

    ``keep(ids, viewer)`` is called every few seconds while the viewer's pages show these topics.
    """

    list_revisions: Callable[[list[UUID], Any], Mapping[UUID, object]]
    keep: Callable[[list[UUID], Any], None] | None = None


def list_revisions(topics: Iterable[str], viewer) -> dict[str, str]:
    """Return the current revisions of those of the topics that exist and that the viewer may see, with a query a kind.

    Without a ``viewer`` (None), rights are not checked.
    """
    return {
        f"{name}:{pk}": str(revision)
        for name, kind, ids in _group(topics)
        for start in range(0, len(ids), CHUNK)
        for pk, revision in kind.list_revisions(ids[start : start + CHUNK], viewer).items()
    }


def keep(topics: Iterable[str], viewer) -> None:
    """Note that the viewer's pages show these topics (``TopicKind.keep``)."""
    for _name, kind, ids in _group(topics):
        if kind.keep:
            kind.keep(ids, viewer)


def _group(topics: Iterable[str]) -> list[tuple[str, TopicKind, list[UUID]]]:
    """Return the name, the kind and the ids of the topics of each kind."""
    by_kind, kinds = defaultdict(list), SiteHooks.merged("live_topics")
    for topic in topics:
        name, _, pk = topic.partition(":")
        with contextlib.suppress(ValueError):
            by_kind[name].append(UUID(pk))
    return [(name, kinds[name], ids) for name, ids in by_kind.items() if name in kinds]


def name_topic(kind: str, pk: UUID) -> str:
    """Return the value of ``data-topics`` for an object whose rights are checked, with its revision.

    Call it before the rows of the element are read: a change in between is then shown twice, and not never.
    """
    topic = f"{kind}:{pk}"
    return f"{topic}.{list_revisions([topic], None).get(topic, '')}"


def parse_topics(text: str) -> dict[str, str]:
    """Return topic → revision from a value of ``data-topics``, at most MAX_TOPICS."""
    parts = (part.partition(".") for part in text.split(maxsplit=MAX_TOPICS)[:MAX_TOPICS])
    return {topic: revision for topic, _, revision in parts}
