"""How sharp a clip was asked to be, in the many ways that providers write it."""

NAMES = {"2k": 1440, "4k": 2160}


def lines_of(word: str) -> int:
    """Pixels of the shorter side: of "720p", "768P", "4k"."""
    return NAMES.get(word.lower()) or int(word[:-1])
