"""Typed readers of the environment: a setting that is nonsense stops the start with one clear sentence."""

import os
import secrets
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

SERVES_PAGES = False  # config/asgi.py says so before the settings are read, and of its own process alone


def text(name: str, default: str = "") -> str:
    """The value of NAME, or the content of the file that NAME_FILE names (Docker and systemd secrets)."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    value = text(name).lower()
    if value in ("", "1", "true", "yes", "on", "0", "false", "no", "off"):
        return default if not value else value in ("1", "true", "yes", "on")
    raise ImproperlyConfigured(f"{name} must be yes or no, not {value!r}.")


def number(name: str, default: float) -> float:
    value = text(name)
    try:
        return float(value) if value else default
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a number, not {value!r}.") from None


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def secret(name: str, keep_in: Path) -> str:
    """The secret NAME; where none is given, one is made once and kept in a file only its owner can read."""
    if value := text(name):
        if len(value) < 50:
            raise ImproperlyConfigured(f"{name} must have at least 50 characters.")
        return value
    if not keep_in.exists():
        keep_in.parent.mkdir(parents=True, exist_ok=True)
        made = secrets.token_urlsafe(64)
        descriptor = os.open(keep_in, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(made)
    return keep_in.read_text().strip()


# A database that vanished without a word is known to be gone within half a minute, not after hours (libpq's parameters;
# the last one in milliseconds). What the address itself says counts more.
NOTICES_SILENCE = {
    "connect_timeout": 10, "keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}  # fmt: skip


def postgres(url: str, keep_seconds: float, most: int) -> dict:
    """The database of ``url``. A worker keeps its connection for ``keep_seconds`` between two questions; the pages of
    this process, if it serves any, share ``most`` of a pool (docs/adr/0008). Nobody may do both."""
    seconds = 0 if SERVES_PAGES else keep_seconds
    found = dict(dj_database_url.parse(url, conn_max_age=seconds, conn_health_checks=True))
    found["OPTIONS"] = NOTICES_SILENCE | found.get("OPTIONS", {})
    if SERVES_PAGES:
        pool = {"min_size": 2, "max_size": max(2, most), "timeout": 5}
        found["OPTIONS"] |= {"pool": pool}
    return found


def mailers(name: str) -> dict:
    """Django's MAILERS of ``smtp://user:password@host:587?tls=yes``, or ``smtps://`` for TLS from the first byte.

    Without a value nothing is ever sent.
    """
    parts = urlsplit(text(name))
    if not parts.geturl():
        return {"default": {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"}}
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ImproperlyConfigured(f"{name} must look like smtp://user:password@host:587?tls=yes.")
    options = {
        "host": parts.hostname,
        "port": parts.port or (465 if parts.scheme == "smtps" else 587),
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_ssl": parts.scheme == "smtps",
        "use_tls": parts.scheme == "smtp" and parse_qs(parts.query).get("tls") == ["yes"],
        "timeout": 10,
    }
    return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
