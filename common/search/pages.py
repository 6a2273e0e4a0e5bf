"""Pages of the rows that a query finds: those with the exact phrase first, then those with all its words.

If no row has all words, those that differ by a typo are found instead.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

from django.db.models import Subquery

from common.pagination import NEWEST_FIRST, Page, UnknownCursor, encode_position, fetch_page, start_after
from common.search import index, storage
from common.search.models import SearchDocument
from common.search.tokens import Query
from common.search.typos import find_similar, has_unknown_word

FIRST, FEW = 500, 3  # words that fewer than FEW of the FIRST rows have are rare: the index lists all rows with them
MANY = 5000  # rows that are compared one by one, in order, to fill a page with other words


class Step(StrEnum):
    PHRASE = "phrase"
    WORDS = "words"
    SIMILAR = "similar"


@dataclass(frozen=True)
class SearchPage(Page):
    """``is_similar``: whether the rows have similar words only."""

    is_similar: bool = False


def fetch_matches(
    rows,
    kind: str,
    query: Query,
    cursor: str,
    *,
    scopes: Sequence[UUID],
    size: int = 24,
    order: Sequence[str] = NEWEST_FIRST,
    counted=None,
) -> SearchPage:
    """Return the page after ``cursor`` of those rows that the query finds. The rows are those that may be seen;
    ``scopes`` are their workspaces. ``counted``: the rows and a few others in a simpler query, which is faster to count
    through. Raises UnknownCursor."""
    name, _, rest = cursor.partition(".")
    if cursor and name not in set(Step):
        raise UnknownCursor
    index.flush()
    if not query.terms:
        return SearchPage([], "")
    step = Step(name) if name else Step.PHRASE
    search = _Search(rows, kind, query, scopes, order, rows if counted is None else counted)
    if step == Step.SIMILAR:
        return search.fetch_similar(rest, size)
    if rest or step != Step.PHRASE:
        return search.fetch_exact(step, rest, size)
    return search.fetch_first(size)


class _Search:
    """A search of one query in the rows of one kind. Frequent words are found by comparing row after row, in order;
    rare ones in the index, which would list too many rows with a frequent word and sort them."""

    def __init__(self, rows, kind: str, query: Query, scopes: Sequence[UUID], order: Sequence[str], counted):
        self.rows, self.kind, self.query, self.scopes, self.order = rows, kind, query, scopes, order
        self.counted = counted
        self.terms = [[term] for term in query.terms]
        self.are_frequent: dict[tuple, bool] = {}

    def fetch_first(self, size: int) -> SearchPage:
        """Return the first page: of rows with the words or, if no index has any, of rows with similar words.

        An index that is searched after one without the words is searched for similar words at once, whose terms include
        the words themselves.
        """
        known = self.query.spelled
        if not known and self._has_many() and has_unknown_word(self.query, self.scopes):
            known.add("wrong")
        if "wrong" in known and find_similar(self.query, self.scopes):
            return self.fetch_similar("", size)
        page = self._fetch_first_exact(size)
        if not page.rows and "right" not in known:
            known.add("wrong")
            return self.fetch_similar("", size)
        known.add("right")
        return page

    def _fetch_first_exact(self, size: int) -> SearchPage:
        if not self.query.needs_recheck or self._is_frequent("", self.terms):
            return self.fetch_exact(Step.PHRASE, "", size)
        has_phrase = storage.has_terms(self.kind, self.terms, phrase_of=self.query)
        rows = _add_column(self._look_up(self.terms), has_phrase=has_phrase)
        found = list(rows.order_by("-has_phrase", *self.order)[: size + 1])
        if len(found) <= size:
            return SearchPage(found, "", self.query.runs)
        last = found[size - 1]
        step = Step.PHRASE if last.has_phrase else Step.WORDS
        return self._build(step, Page(found[:size], encode_position(last, self.order)))

    def fetch_exact(self, step: Step, rest: str, size: int) -> SearchPage:
        """Return a page of the rows with the phrase, filled up with rows that have the words only."""
        if not self.query.needs_recheck:
            return self._build(Step.PHRASE, self._fetch(rest, size, self.terms))
        if step == Step.WORDS:
            return self._build(step, self._fetch(rest, size, self.terms, without=self.query))
        if not rest and not storage.exists_phrase(self.kind, self.query):
            return self._build(Step.WORDS, self._fetch("", size, self.terms))
        page = self._fetch(rest, size, self.terms, phrase_of=self.query)
        if page.after:
            return self._build(step, page)
        more = self._fetch("", max(size - len(page.rows), 1), self.terms, without=self.query)
        if len(page.rows) == size:
            return SearchPage(page.rows, f"{Step.WORDS}." if more.rows else "", self.query.runs)
        return self._build(Step.WORDS, Page([*page.rows, *more.rows], more.after))

    def fetch_similar(self, rest: str, size: int) -> SearchPage:
        terms = find_similar(self.query, self.scopes)
        if not terms:
            return SearchPage([], "", self.query.runs)
        page = self._fetch(rest, size, terms)
        after = f"{Step.SIMILAR}.{page.after}" if page.after else ""
        marks = (*self.query.runs, *(term.token for group in terms for term in group[1:]))
        return SearchPage(page.rows, after, marks, is_similar=True)

    def _build(self, step: Step, page: Page) -> SearchPage:
        return SearchPage(page.rows, f"{step}.{page.after}" if page.after else "", self.query.runs)

    def _fetch(self, rest: str, size: int, terms, **phrase: Query) -> Page:
        """Return a page of the rows with the terms."""
        if self._has_many():
            page = self._compare_rows(rest, size, terms, **phrase)
            if page and page.after:
                return page
        found = start_after(self._look_up(terms, **phrase), rest, self.order).values("pk")[: size + 1]
        return fetch_page(self.rows.filter(pk__in=found), "", size, self.order)

    def _compare_rows(self, rest: str, size: int, terms, **phrase: Query) -> Page | None:
        """Return the page as far as it is filled by the next rows; None for terms that are rare among them."""
        if not phrase:  # the most frequent words fill it with the first rows already
            page = fetch_page(self._compare(FIRST, rest, terms), rest, size, self.order)
            if page.after or len(page.rows) < FEW:
                return page if page.after else None
        elif not self._is_frequent(rest, terms, phrase.get("phrase_of")):
            return None
        return fetch_page(self._compare(MANY, rest, terms, **phrase), rest, size, self.order)

    def _is_frequent(self, rest: str, terms, phrase_of: Query | None = None) -> bool:
        if not self._has_many():
            return False
        key = rest, str(terms), phrase_of
        if key not in self.are_frequent:
            rows = self._compare(FIRST, rest, terms, phrase_of=phrase_of).order_by(*self.order)
            self.are_frequent[key] = len(rows.values_list("pk")[:FEW]) == FEW
        return self.are_frequent[key]

    def _has_many(self) -> bool:
        return _has_many(self.kind, tuple(sorted(self.scopes)), int(time.time()) // 3600)

    def _compare(self, count: int, rest: str, terms, **phrase: Query | None):
        """Return those of the ``count`` rows after a place that have the terms; none if there are not so many rows."""
        column = self.order[0].removeprefix("-")
        last = start_after(self.counted, rest, self.order).values(column)[count : count + 1]
        bound = {f"{column}__{'gte' if self.order[0].startswith('-') else 'lte'}": Subquery(last)}
        return self.rows.filter(storage.has_terms(self.kind, terms, **phrase), **bound)

    def _look_up(self, terms, **phrase: Query):
        return self.rows.filter(pk__in=storage.find_ids(self.kind, terms, **phrase))


def _add_column(rows, **column):
    """Return the rows with one more column, also if they are tuples of named columns."""
    named, rows = rows._fields, rows.annotate(**column)
    return rows.values_list(*named, *column, named=True) if named else rows


@lru_cache(maxsize=1000)
def _has_many(kind: str, scopes: tuple[UUID, ...], hour: int) -> bool:
    """Return whether these workspaces have more than FIRST documents, once an hour."""
    documents = SearchDocument.objects.filter(kind=kind, scope__in=scopes)
    return documents.order_by()[: FIRST + 1].count() > FIRST
