"""Names as chance reads them: the same name is the same number in every clip, on every machine."""

import unicodedata
from hashlib import blake2b


def normalise_name(name: str) -> str:
    """What makes two spellings the same name: neither capitals, nor spaces, nor full-width letters tell them apart."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def hash_name(name: str) -> int:
    """A number that all of the name decides: North Station is not South Station."""
    return int.from_bytes(blake2b(normalise_name(name).encode(), digest_size=8).digest(), "big")
