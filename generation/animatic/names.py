"""Names as chance reads them: the same name is the same number in every clip, on every machine."""

import unicodedata
from hashlib import blake2b


def key_of(name: str) -> str:
    """What makes two spellings the same name: neither capitals, nor spaces, nor full-width letters tell them apart."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def number_of(name: str) -> int:
    """A number that all of the name decides: North Station is not South Station."""
    return int.from_bytes(blake2b(key_of(name).encode(), digest_size=8).digest(), "big")
