"""Forgive a typo in words of five letters or more: one letter wrong, missing, added, or two swapped."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q

from common.search.models import SearchWord
from common.search.tokens import Query, Term, list_words

MAX_CANDIDATES = 2000  # words with the same half
MAX_SIMILAR = 12


def find_similar(query: Query, scopes: Sequence[UUID]) -> list[list[Term]]:
    """Return the terms of the query, each with the words of these workspaces that differ from it by one typo.

    Returns an empty list if no word has such neighbours.
    """
    similar = _find_neighbours(query, scopes)
    if not any(similar.values()):
        return []
    return [[term, *(Term(word) for word in similar.get(term.token, ()))] for term in query.terms]


def has_unknown_word(query: Query, scopes: Sequence[UUID]) -> bool:
    """Return whether no text of these workspaces has one of the query's words, of those that are remembered."""
    _find_neighbours(query, scopes)
    return bool(query.unknown[_get_key(scopes)])


def _get_key(scopes: Sequence[UUID]) -> tuple[UUID, ...]:
    return tuple(sorted(scopes))


def _find_neighbours(query: Query, scopes: Sequence[UUID]) -> dict[str, list[str]]:
    """Return the words one typo apart from each word of the query, with one query, whose answer is remembered.

    A typo leaves the first half of a word or what follows its middle as it is.
    """
    key = _get_key(scopes)
    if key not in query.neighbours:
        words = list_words([term.token for term in query.terms])
        found = _find_candidates(words, scopes) if words else []
        query.neighbours[key] = {
            word: sorted(other for other in found if is_one_typo_apart(word, other))[:MAX_SIMILAR] for word in words
        }
        are_all = len(found) < MAX_CANDIDATES * len(words)
        query.unknown[key] = {word for word in words if are_all and not any(other.startswith(word) for other in found)}
    return query.neighbours[key]


def _find_candidates(words: Sequence[str], scopes: Sequence[UUID]) -> list[str]:
    wanted = Q()
    for word in words:
        half = len(word) // 2
        wanted |= Q(word__startswith=word[:half]) | Q(backwards__startswith=word[half + 1 :][::-1])
    rows = SearchWord.objects.filter(wanted, scope__in=scopes)
    return list(rows.values_list("word", flat=True).distinct()[: MAX_CANDIDATES * len(words)])


def is_one_typo_apart(one: str, other: str) -> bool:
    """Return whether one insertion, deletion, replacement or swap of neighbours turns one word into the other."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, other_rest = one[start:], other[start:]
    is_swap = rest[:2] == other_rest[:2][::-1] and rest[2:] == other_rest[2:]
    return rest[1:] == other_rest[1:] or rest[1:] == other_rest or rest == other_rest[1:] or is_swap
