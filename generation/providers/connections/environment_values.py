"""Read the site's own connections from environment variables: KLING_API_KEY=…, KLING_BASE_URL=…"""

import os

from common import secrets
from generation.providers.http import extra_headers
from generation.providers.models import Connection

HEADERS = "headers"  # KLING_HEADERS=X-Team: 7\nX-Other: …, separated by a backslash and an n


def variable_name(slug: str, field: str) -> str:
    """Return the variable of a key field, such as KLING_API_KEY."""
    return f"{slug}_{field}".upper().replace("-", "_")


def read_variable(engine, name: str) -> str:
    return os.environ.get(variable_name(engine.slug, name), "").strip()


def secrets_of(engine) -> dict[str, str]:
    """Return the values of the secret key fields by name; they are never stored."""
    names = [field.name for field in engine.key_fields if field.is_secret]
    return {name: os.environ.get(variable_name(engine.slug, name), "") for name in names}


def headers_of(engine) -> dict[str, str]:
    """Return the extra headers, which are never stored. Raises ValueError if they are invalid."""
    return extra_headers.parse_headers(read_variable(engine, HEADERS).replace("\\n", "\n").splitlines())


def secret_values(engine) -> dict[str, str]:
    """Return keys and headers by name, to compute their digest."""
    headers = read_variable(engine, HEADERS)
    return secrets_of(engine) | ({HEADERS: headers} if headers else {})


def plain_columns(engine) -> dict:
    """Return the values that are not secret, as columns of a Connection."""
    address = read_variable(engine, "base_url")
    plain = {
        key.name: value for key in engine.key_fields if not key.is_secret and (value := read_variable(engine, key.name))
    }
    return {"base_url": address.rstrip("/"), "facts": plain, "allows_private": bool(address)}


def has_other_keys(engine, connection: Connection) -> bool:
    """Return whether the environment's keys differ from those whose digest the row stores."""
    return not secrets.has_digest(secret_values(engine), connection.keys_digest)


def has_moved(engine, connection: Connection) -> bool:
    """Return whether the row's address, or a plain field used for polling, differs from the environment's."""
    now = plain_columns(engine)
    return _polling_place(engine, now["base_url"], now["facts"]) != _polling_place(
        engine, connection.base_url, connection.facts
    )


def _polling_place(engine, base_url: str, facts: dict) -> tuple[str, dict]:
    polling_names = {field.name for field in engine.key_fields if field.is_used_for_polling}
    filled = {name: str(value).rstrip("/") for name, value in facts.items() if value}
    kept = {name: value for name, value in filled.items() if name in polling_names or "://" in value}
    return (base_url or engine.base_url).rstrip("/"), kept
