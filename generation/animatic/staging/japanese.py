"""Read the events of a Japanese text."""

from .draft import Draft


def read_japanese(text: str) -> Draft:
    """Return the events of a text."""
    return Draft()
