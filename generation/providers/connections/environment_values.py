"""What the environment says of the site's own account at a provider: KLING_API_KEY=…, KLING_BASE_URL=…"""

import os

from common import secrets
from generation.providers.http import extra_headers
from generation.providers.models import Connection

HEADERS = "headers"  # KLING_HEADERS=X-Team: 7\nX-Other: …, with the two signs \\n between them


def environment_name(slug: str, field: str) -> str:
    """The variable that holds a key of the site's own account, such as KLING_API_KEY."""
    return f"{slug}_{field}".upper().replace("-", "_")


def said(engine, name: str) -> str:
    return os.environ.get(environment_name(engine.slug, name), "").strip()


def secrets_of(engine) -> dict[str, str]:
    """The secret keys, which are read where they stand and stored nowhere."""
    secret = [each.name for each in engine.key_fields if each.is_secret]
    return {name: os.environ.get(environment_name(engine.slug, name), "") for name in secret}


def headers_of(engine) -> dict[str, str]:
    """More headers of the account, which are kept as the keys are. ValueError for what is none."""
    return extra_headers.parse_headers(said(engine, HEADERS).replace("\\n", "\n").splitlines())


def known_by(engine) -> dict[str, str]:
    """All that is secret, as it stands there."""
    more = said(engine, HEADERS)
    return secrets_of(engine) | ({HEADERS: more} if more else {})


def facts_of(engine) -> dict:
    """All but the secrets, as the columns of a row."""
    address = said(engine, "base_url")
    plain = {key.name: value for key in engine.key_fields if not key.is_secret and (value := said(engine, key.name))}
    return {"base_url": address.rstrip("/"), "facts": plain, "allows_private": bool(address)}


def has_other_keys(engine, connection: Connection) -> bool:
    """Whether the environment's keys differ from those that the row was used with."""
    return not secrets.has_digest(known_by(engine), connection.keys_digest)


def names_another_place(engine, connection: Connection) -> bool:
    """Whether the row has another address than the environment, or another of the plain fields used for polling."""
    now = facts_of(engine)
    return _place(engine, now["base_url"], now["facts"]) != _place(engine, connection.base_url, connection.facts)


def _place(engine, base_url: str, facts: dict) -> tuple[str, dict]:
    asked_with = {each.name for each in engine.key_fields if each.is_asked_with}
    told = {name: str(value).rstrip("/") for name, value in facts.items() if value}
    kept = {name: value for name, value in told.items() if name in asked_with or "://" in value}
    return (base_url or engine.base_url).rstrip("/"), kept
