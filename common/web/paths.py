"""Addresses of rows, quickly: a page has hundreds of them, and ``reverse`` searches all patterns for each."""

from functools import cache
from uuid import UUID

from django.urls import reverse

EXAMPLE_ID, EXAMPLE_NAME = UUID("00000000-0000-4000-8000-000000000000"), "example"


@cache
def path_of_page(view: str) -> str:
    """Return ``reverse(view)`` of a view without arguments."""
    return reverse(view)


def path_of(view: str, key: UUID | str) -> str:
    """Return ``reverse(view, args=[key])`` of a view whose only argument is a UUID, or a code or handle.

    A code or handle is not quoted: it has ASCII letters, digits, ``-`` and ``_`` only.
    """
    example = EXAMPLE_NAME if isinstance(key, str) else EXAMPLE_ID
    return _reverse_example(view, example).replace(str(example), str(key))


@cache
def _reverse_example(view: str, example: UUID | str) -> str:
    return reverse(view, args=[example])
