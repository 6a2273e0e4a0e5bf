"""Tags as readers type them: without differences of case and width."""

import re
import unicodedata

MAX_LENGTH = 24
NOT_IN_TAGS = re.compile(r"[^\w-]+")


def normalise_tag(text: str) -> str:
    """Return the tag in its one spelling, at most 24 characters; "" if it has no letter or digit.

    ``＃Ａｎｉｍｅ`` and ``anime`` are the same tag. Spaces become hyphens.
    """
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    text = NOT_IN_TAGS.sub("-", text).strip("-_")[:MAX_LENGTH].rstrip("-_")
    return text if any(letter.isalnum() for letter in text) else ""
