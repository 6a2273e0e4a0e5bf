"""Addresses of rows, quickly: a page has hundreds of them, and ``reverse`` searches all patterns for each."""

from functools import cache
from uuid import UUID

from django.urls import reverse

EXAMPLE = UUID("00000000-0000-4000-8000-000000000000")


@cache
def path_of_page(view: str) -> str:
    """Return ``reverse(view)`` of a view without arguments."""
    return reverse(view)


def path_of(view: str, pk: UUID) -> str:
    """Return ``reverse(view, args=[pk])`` of a view whose only argument is a UUID."""
    return _reverse_example(view).replace(str(EXAMPLE), str(pk))


@cache
def _reverse_example(view: str) -> str:
    return reverse(view, args=[EXAMPLE])
