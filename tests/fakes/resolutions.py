"""Parse resolutions in the spellings of the providers."""

NAMES = {"2k": 1440, "4k": 2160}


def parse_resolution(text: str) -> int:
    """Return the shorter side in pixels of "720p", "768P" or "4k"."""
    return NAMES.get(text.lower()) or int(text[:-1])
