"""Read the key that makes a repeated form do nothing twice."""

import uuid

from generation.forms import IDEM_KEY


def clean_key(sent: str) -> str:
    """Return the key that the page sent, cut to 80 characters, or a new one if it is not valid."""
    return sent[:80] if IDEM_KEY.match(sent) else uuid.uuid4().hex
