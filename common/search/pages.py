"""Pages of the rows that a query finds: those with the exact phrase first, then those with all its words.

If no row has all words, those that differ by a typo are found instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from common.pagination import NEWEST_FIRST, Page, fetch_page
from common.search import index, storage
from common.search.tokens import Query
from common.search.typos import find_similar


class Step(StrEnum):
    PHRASE = "phrase"
    WORDS = "words"
    SIMILAR = "similar"


@dataclass(frozen=True)
class FoundPage(Page):
    """``is_similar``: whether the rows have similar words only."""

    is_similar: bool = False


def fetch_found(
    rows,
    kind: str,
    query: Query,
    cursor: str,
    *,
    scopes: Sequence[UUID],
    size: int = 24,
    order: Sequence[str] = NEWEST_FIRST,
) -> FoundPage:
    """Return the page after ``cursor`` of those rows that the query finds. The rows are those that may be seen;
    ``scopes`` are their workspaces. An invalid cursor gives the first page."""
    index.flush()
    if not query.terms:
        return FoundPage([], "")
    name, _, rest = cursor.partition(".")
    step = Step(name) if name in set(Step) else Step.PHRASE
    search = _Search(rows, kind, query, scopes, order)
    if step == Step.SIMILAR:
        return search.fetch_similar(rest, size)
    if rest or step != Step.PHRASE:
        return search.fetch_exact(step, rest if name == step else "", size)
    return search.fetch_first(size)


class _Search:
    def __init__(self, rows, kind: str, query: Query, scopes: Sequence[UUID], order: Sequence[str]):
        self.rows, self.kind, self.query, self.scopes, self.order = rows, kind, query, scopes, order
        self.terms = [[term] for term in query.terms]

    def fetch_first(self, size: int) -> FoundPage:
        """Return the first page: of rows with the words or, if no index has any, of rows with similar words.

        An index that is searched after one without the words is searched for similar words at once, whose terms include
        the words themselves.
        """
        known = self.query.spelled
        if "wrong" in known and find_similar(self.query, self.scopes):
            return self.fetch_similar("", size)
        page = self.fetch_exact(Step.PHRASE, "", size)
        if not page.rows and "right" not in known:
            known.add("wrong")
            return self.fetch_similar("", size)
        known.add("right")
        return page

    def fetch_exact(self, step: Step, rest: str, size: int) -> FoundPage:
        """Return a page of the rows with the phrase, filled up with rows that have the words only."""
        if not self.query.needs_recheck:
            return self._build(Step.PHRASE, self._fetch(rest, size, self.terms))
        if step == Step.WORDS:
            return self._build(step, self._fetch(rest, size, self.terms, without=self.query))
        page = self._fetch(rest, size, self.terms, phrase_of=self.query)
        if page.after:
            return self._build(step, page)
        more = self._fetch("", max(size - len(page.rows), 1), self.terms, without=self.query)
        if len(page.rows) == size:
            return FoundPage(page.rows, f"{Step.WORDS}." if more.rows else "", self.query.runs)
        return self._build(Step.WORDS, Page([*page.rows, *more.rows], more.after))

    def fetch_similar(self, rest: str, size: int) -> FoundPage:
        terms = find_similar(self.query, self.scopes)
        if not terms:
            return FoundPage([], "", self.query.runs)
        page = self._fetch(rest, size, terms)
        after = f"{Step.SIMILAR}.{page.after}" if page.after else ""
        marks = (*self.query.runs, *(term.token for group in terms for term in group[1:]))
        return FoundPage(page.rows, after, marks, is_similar=True)

    def _build(self, step: Step, page: Page) -> FoundPage:
        return FoundPage(page.rows, f"{step}.{page.after}" if page.after else "", self.query.runs)

    def _fetch(self, rest: str, size: int, terms, **phrase: Query) -> Page:
        found = self.rows.filter(pk__in=storage.find_ids(self.kind, terms, **phrase))
        return fetch_page(found, rest, size, self.order)
