"""Public identifiers. The ids of rows never appear on public pages."""

import secrets


def make_code() -> str:
    """Return 11 random URL-safe characters (66 bits): nobody finds a work by guessing."""
    return secrets.token_urlsafe(9)[:11]


def make_share_token() -> str:
    """Return 43 random URL-safe characters (256 bits), the secret of the link to an unlisted work."""
    return secrets.token_urlsafe(32)
