"""Keep search documents like the rows they describe.

Apps register what can be found (``SiteHooks.search_indexes``) and call ``schedule`` when a row changed. The documents
are written after the transaction, so that no money waits for them; a row that was missed, by a crash in between, is
indexed by a periodic task.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from common.hooks import SiteHooks
from common.search import storage
from common.search.models import SearchDocument, SearchWord
from common.search.tokens import normalise

BATCH = 500  # documents
MAX_MISSING = 20_000  # documents that one run of the periodic task adds


@dataclass(frozen=True)
class Description:
    """What can be found of a row: ``scope``, the id of its workspace, and its texts, the most important first."""

    scope: UUID
    texts: Sequence[str]

    @property
    def text(self) -> str:
        return "\n".join(line for text in self.texts if (line := normalise(text)))


@dataclass(frozen=True)
class SearchIndex:
    """``rows()`` returns a query of all rows. ``describe(ids)`` describes them; a row that it omits is not found."""

    rows: Callable[[], Any]
    describe: Callable[[Sequence[UUID]], Mapping[UUID, Description]]


_scheduled = threading.local()


def _get_pending() -> dict[str, set[UUID]]:
    if not hasattr(_scheduled, "ids"):
        _scheduled.ids = defaultdict(set)
    return _scheduled.ids


def schedule(kind: str, ids: Iterable[UUID]) -> None:
    """Index these rows after the transaction, or before this thread searches."""
    _get_pending()[kind] |= set(ids)
    transaction.on_commit(flush, robust=True)


def flush() -> None:
    """Index the rows that this thread has scheduled."""
    pending = _get_pending()
    while pending:
        kind, ids = pending.popitem()
        refresh(kind, ids)


def refresh(kind: str, ids: Iterable[UUID]) -> None:
    """Write the documents of these rows, and delete those of rows that no longer exist."""
    index = SiteHooks.merged("search_indexes")[kind]
    for batch in batched(sorted(ids), BATCH):
        described = index.describe(batch)
        known = {pk: stored for pk, *stored in _filter_documents(kind, batch).values_list("object_id", "scope", "text")}
        gone = known.keys() - described.keys()
        changed = {pk: found for pk, found in described.items() if known.get(pk) != [found.scope, found.text]}
        with transaction.atomic():
            if gone:
                _filter_documents(kind, gone).delete()
            storage.write(kind, changed)


def _filter_documents(kind: str, ids: Iterable[UUID]):
    return SearchDocument.objects.filter(kind=kind, object_id__in=list(ids))


def index_missing() -> int:
    """Index rows without a document, the newest first, and delete documents without a row. Returns how many."""
    count = 0
    for kind, index in SiteHooks.merged("search_indexes").items():
        documents = SearchDocument.objects.filter(kind=kind, object_id=OuterRef("pk"))
        missing = index.rows().filter(~Exists(documents)).order_by("-created_at").values_list("pk", flat=True)
        gone = SearchDocument.objects.filter(kind=kind).exclude(
            Exists(index.rows().order_by().filter(pk=OuterRef("object_id")))
        )
        ids = [*missing[:MAX_MISSING], *gone.values_list("object_id", flat=True)[:MAX_MISSING]]
        refresh(kind, ids)
        count += len(ids)
    return count


def rebuild() -> int:
    """Write all documents again, in batches, and forget words that no document has. Returns the number of rows."""
    count = 0
    for kind, index in SiteHooks.merged("search_indexes").items():
        for batch in batched(index.rows().order_by("pk").values_list("pk", flat=True).iterator(BATCH), BATCH):
            refresh(kind, batch)
            count += len(batch)
    index_missing()
    for scope in SearchWord.objects.order_by().values_list("scope", flat=True).distinct().iterator():
        storage.delete_unused_words(scope)
    return count


def find_differences() -> Iterator[str]:
    """Yield a sentence for each document that differs from what its row says now."""
    for kind, index in SiteHooks.merged("search_indexes").items():
        ids = set(index.rows().values_list("pk", flat=True))
        ids |= set(SearchDocument.objects.filter(kind=kind).values_list("object_id", flat=True))
        for batch in batched(sorted(ids), BATCH):
            described = index.describe(batch)
            texts = dict(_filter_documents(kind, batch).values_list("object_id", "text"))
            for pk in batch:
                if texts.get(pk) != (described[pk].text if pk in described else None):
                    yield f"The search document of {kind} {pk} is out of date."


def forget_scope(scope: UUID) -> None:
    """Delete all documents and words of a workspace."""
    SearchDocument.objects.filter(scope=scope).delete()
    SearchWord.objects.filter(scope=scope).delete()
