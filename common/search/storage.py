"""Tokens in the database: a ``tsvector`` with a GIN index on PostgreSQL, an FTS5 table on SQLite."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, OuterRef, Subquery, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from common.database.bulk import copy_rows, insert_rows
from common.search.models import SearchDocument, SearchWord
from common.search.tokens import Query, Term, list_words, split_text

TABLE = SearchDocument._meta.db_table
UPSERT = f"""
    INSERT INTO {TABLE} (kind, object_id, scope, text, tokens) VALUES (%s, %s, %s, %s, array_to_tsvector(%s::text[]))
    ON CONFLICT (kind, object_id)
    DO UPDATE SET scope = EXCLUDED.scope, text = EXCLUDED.text, tokens = EXCLUDED.tokens
"""  # noqa: S608 - the name of our own table


def is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def write(kind: str, descriptions: Mapping[UUID, Any]) -> None:
    """Insert or replace the documents of these rows, and remember their words."""
    if not descriptions:
        return
    texts = {pk: found.text for pk, found in descriptions.items()}
    tokens = {pk: split_text(text) for pk, text in texts.items()}
    if is_postgresql():
        rows = [[kind, pk, descriptions[pk].scope, texts[pk], tokens[pk]] for pk in texts]
        with connection.cursor() as cursor:
            cursor.executemany(UPSERT, rows)
    else:
        _write_sqlite(kind, descriptions, texts, tokens)
    words = sorted({(descriptions[pk].scope, word) for pk in texts for word in list_words(tokens[pk])})
    found = [SearchWord(scope=scope, word=word, backwards=word[::-1]) for scope, word in words]
    SearchWord.objects.bulk_create(found, ignore_conflicts=True, batch_size=1000)


def load(kind: str, descriptions: Mapping[UUID, Any], known: set[tuple[UUID, str]]) -> None:
    """Insert the documents of rows that have none, faster than ``write``.

    ``known``: the words loaded so far, as (scope, word); those of these documents are added.
    """
    texts = {pk: found.text for pk, found in descriptions.items()}
    tokens = {pk: split_text(text) for pk, text in texts.items()}
    if is_postgresql():
        copy_rows(
            TABLE,
            ("kind", "object_id", "scope", "text", "tokens"),
            (
                (kind, pk, found.scope, texts[pk], " ".join(f"'{token}'" for token in tokens[pk]))
                for pk, found in descriptions.items()
            ),
        )
    else:
        _write_sqlite(kind, descriptions, texts, tokens)
    words = {(descriptions[pk].scope, word) for pk, found in tokens.items() for word in list_words(found)} - known
    insert_rows([SearchWord(scope=scope, word=word, backwards=word[::-1]) for scope, word in words])
    known |= words


@contextmanager
def rebuilt_index() -> Iterator[None]:
    """Build PostgreSQL's index of tokens after the block, which is faster than adding very many documents to it."""
    if not is_postgresql():
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'search_tokens'")
        [definition] = cursor.fetchone()
        cursor.execute("DROP INDEX search_tokens")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '256MB'")
        cursor.execute(definition)
        cursor.execute("RESET maintenance_work_mem")


def _write_sqlite(kind, descriptions, texts, tokens) -> None:
    rows = [
        SearchDocument(kind=kind, object_id=pk, scope=found.scope, text=texts[pk]) for pk, found in descriptions.items()
    ]
    SearchDocument.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["kind", "object_id"], update_fields=["scope", "text"]
    )
    ids = SearchDocument.objects.filter(kind=kind, object_id__in=list(texts)).values_list("id", "object_id")
    found = [(row, " ".join(tokens[pk])) for row, pk in ids]
    with connection.cursor() as cursor:
        cursor.executemany("DELETE FROM search_tokens WHERE rowid = %s", [(row,) for row, _ in found])
        cursor.executemany("INSERT INTO search_tokens (rowid, tokens) VALUES (%s, %s)", found)


def find_ids(
    kind: str, terms: Sequence[Sequence[Term]], *, phrase_of: Query | None = None, without: Query | None = None
) -> RawSQL:
    """Return a subquery of the ids of rows that have one term of each group and, with ``phrase_of``, the phrase of that
    query; or, ``without`` a query, those that have not its phrase. It reads the index of tokens: fast for rare terms.

    A document of which an older version of this program wrote the tokens has no links: it counts as one without the
    phrase.
    """
    statement, params = _select_from_index("object_id", kind, _list_links(phrase_of) or terms, phrase_of, without)
    fence = "OFFSET 0" if is_postgresql() else ""  # so that the index is read first
    return RawSQL(f"{statement} {fence}", params)  # noqa: S611 - our own text


def _select_from_index(
    column: str, kind: str, terms: Sequence[Sequence[Term]], phrase_of: Query | None, without: Query | None
) -> tuple[str, list[str]]:
    """Return a query of a column of the documents with the terms, and its parameters."""
    condition, params = _compare_phrase("tokens", phrase_of, without)
    source = f"search_tokens JOIN {TABLE} ON id = search_tokens.rowid WHERE kind = %s AND search_tokens MATCH %s"
    if is_postgresql():
        source = f"{TABLE} WHERE kind = %s AND tokens @@ %s::tsquery"
    statement = f"SELECT {column} FROM {source} AND {condition}"  # noqa: S608 - our own text
    return statement, [kind, _write_terms(terms), *params]


def exists_phrase(kind: str, query: Query) -> bool:
    """Return whether any document has the phrase, those of other workspaces included: a cheap look into the index,
    which ends at the first one."""
    statement, params = _select_from_index("1", kind, _list_links(query), query, None)
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} LIMIT 1", params)
        return cursor.fetchone() is not None


def has_terms(
    kind: str, terms: Sequence[Sequence[Term]], *, phrase_of: Query | None = None, without: Query | None = None
) -> Coalesce:
    """Return the condition of ``find_ids`` for one row, without the index: fast for the first of very many rows.

    The condition is a value, not an EXISTS, which PostgreSQL would plan as one more join: that takes longer than to
    compare the rows.
    """
    has_all, params = _compare_terms("tokens", _list_links(phrase_of) or terms)
    condition, more = _compare_phrase("tokens", phrase_of, without)
    statement = f"({has_all} AND {condition})"
    if not is_postgresql():  # read the tokens of a row once
        statement = f"(SELECT {statement} FROM search_tokens WHERE rowid = U0.id)"  # noqa: S608 - our own text
    compared = RawSQL(statement, [*params, *more], BooleanField())  # noqa: S611 - our own text
    documents = SearchDocument.objects.filter(kind=kind, object_id=OuterRef("pk"))
    return Coalesce(Subquery(documents.annotate(is_hit=compared).values("is_hit")), Value(False))


def _list_links(query: Query | None) -> list[list[Term]]:
    return [[link] for link in query.links] if query else []


def _compare_phrase(tokens: str, phrase_of: Query | None, without: Query | None) -> tuple[str, list[str]]:
    """Return a condition with its parameters; documents with the links of ``phrase_of`` may still lack its phrase."""
    position = "strpos" if is_postgresql() else "instr"
    if phrase_of:
        return f"{position}(text, %s) > 0", [phrase_of.phrase]
    if without:
        has_links, params = _compare_terms(tokens, _list_links(without))
        return f"({position}(text, %s) = 0 OR NOT {has_links})", [without.phrase, *params]
    return "true", []


def _compare_terms(tokens: str, groups: Sequence[Sequence[Term]]) -> tuple[str, list[str]]:
    """Return a condition that compares the tokens of a row, for which no database reads the index."""
    if is_postgresql():
        return f"ts_match_vq({tokens}, %s::tsquery)", [_write_terms(groups)]
    either = [" OR ".join([f"instr(' ' || {tokens} || ' ', %s) > 0"] * len(group)) for group in groups]
    params = [f" {term.token}{'' if term.is_prefix else ' '}" for group in groups for term in group]
    return f"({' AND '.join(f'({some})' for some in either)})", params


def _write_terms(groups: Sequence[Sequence[Term]]) -> str:
    """Return the terms as a ``tsquery`` or for FTS5. Tokens have letters, digits and JOIN only: nothing to escape."""
    quote, is_either, are_all = ("'{}'", "|", "&") if is_postgresql() else ('"{}"', " OR ", " AND ")
    star = ":*" if is_postgresql() else " *"
    written = [[quote.format(term.token) + (star if term.is_prefix else "") for term in group] for group in groups]
    return are_all.join(f"({is_either.join(group)})" for group in written)


def delete_unused_words(scope: UUID) -> None:
    """Delete the words that no document of the workspace has any more."""
    texts = SearchDocument.objects.filter(scope=scope).values_list("text", flat=True)
    used = {word for text in texts.iterator(1000) for word in list_words(split_text(text))}
    words = SearchWord.objects.filter(scope=scope).values_list("pk", "word")
    unused = [pk for pk, word in words if word not in used]
    for start in range(0, len(unused), 1000):
        SearchWord.objects.filter(pk__in=unused[start : start + 1000]).delete()
