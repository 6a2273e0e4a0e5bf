"""Normalise and hash names: the same name gives the same number in every clip and on every machine."""

import unicodedata
from hashlib import blake2b


def normalise_name(name: str) -> str:
    """Fold case, whitespace and full-width letters, so that spellings of the same name compare equal."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def hash_name(name: str) -> int:
    """Return a 64-bit number derived from the whole name."""
    return int.from_bytes(blake2b(normalise_name(name).encode(), digest_size=8).digest(), "big")
