"""Typed readers of environment variables. An invalid value stops the start with one sentence."""

import base64
import contextlib
import os
import re
import secrets
import tempfile
from importlib import metadata
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

IS_WEB_SERVER = False  # config/asgi.py sets it before the settings are read


def text(name: str, default: str = "") -> str:
    """Return the value of NAME, or the content of the file named by NAME_FILE (Docker and systemd secrets)."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    value = text(name).lower()
    if value in ("", "1", "true", "yes", "on", "0", "false", "no", "off"):
        return default if not value else value in ("1", "true", "yes", "on")
    raise ImproperlyConfigured(f"{name} must be yes or no, not {value!r}.")


def choice(name: str, values: list[str], default: str) -> str:
    value = text(name, default).lower()
    if value not in values:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(values)}, not {value!r}.")
    return value


def currency(name: str, default: str) -> str:
    value = text(name, default).upper()
    if not re.fullmatch("[A-Z]{3}", value):
        raise ImproperlyConfigured(f"{name} must be the three letters of a currency, such as USD, not {value!r}.")
    return value


def number(name: str, default: float) -> float:
    value = text(name)
    try:
        return float(value) if value else default
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a number, not {value!r}.") from None


def whole_number(name: str) -> int | None:
    """Return the number NAME, which is 0 or more, or None if it is not set."""
    if not (value := text(name)):
        return None
    if not (value.isascii() and value.isdecimal()):
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def csv(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in text(name, default).split(",") if item.strip()]


def secret(name: str, keep_in: Path) -> str:
    """Return the secret NAME, by default the one in the file ``keep_in``, which is created if it does not exist.

    Processes that start at the same moment read the same secret: a whole file gets its name, or none does.
    """
    if value := text(name):
        if len(value) < 50:
            raise ImproperlyConfigured(f"{name} must have at least 50 characters.")
        return value
    if not keep_in.exists():
        keep_in.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=keep_in.parent, prefix=f"{keep_in.name}.") as file:  # of mode 0600
            file.write(secrets.token_urlsafe(64))
            file.flush()
            with contextlib.suppress(FileExistsError):  # another process was first
                os.link(file.name, keep_in)
    return keep_in.read_text().strip()


def private_key(name: str) -> str:
    """Return the RSA key NAME as PEM (PKCS 8), or an empty string. It may be PEM or only its base64."""
    if not (value := text(name)):
        return ""
    from cryptography.hazmat.primitives import serialization as form  # only a site with such keys waits for it

    try:
        key = form.load_der_private_key(read_pem(value), password=None)
    except (ValueError, TypeError):  # TypeError: it has a password
        raise ImproperlyConfigured(f"{name} must be a private key (PEM, without a password).") from None
    return key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()).decode()


def public_key(name: str) -> str:
    """Return the RSA key NAME as PEM, or an empty string. It may be PEM or only its base64."""
    if not (value := text(name)):
        return ""
    from cryptography.hazmat.primitives import serialization as form

    try:
        key = form.load_der_public_key(read_pem(value))
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a public key (PEM), not a certificate.") from None
    return key.public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo).decode()


def read_pem(value: str) -> bytes:
    """Return what is between the first and last line of PEM text, or of base64 alone. Raises ValueError."""
    body = re.sub(r"-----[A-Z ]+-----", "", value.replace("\\n", "\n"))
    return base64.b64decode("".join(body.split()), validate=True)


def check_extra(extra: str, package: str, **values: str) -> None:
    """Stop the start unless all of the settings are set, and then the optional package is installed, or none is."""
    missing = [name for name, value in values.items() if not value]
    if len(missing) == len(values):
        return
    if missing:
        present = [name for name in values if name not in missing]
        raise ImproperlyConfigured(f"{', '.join(present)}: set {', '.join(missing)}, too, or none of them.")
    try:
        metadata.version(package)
    except metadata.PackageNotFoundError:
        raise ImproperlyConfigured(
            f"{next(iter(values))} is set, but the package {package} is not installed: install "
            f"requirements-{extra}.txt, too (docs/operations.md, WeChat Pay and Alipay)."
        ) from None


# Compiling a plan takes longer than the queries of a page. On an SSD, and in memory, an index costs little more than a
# scan of the table, which is what PostgreSQL prefers by default.
PLANNER = "-c jit=off -c random_page_cost=1.1"
# Detect a lost database server within half a minute instead of hours (parameters of libpq, the last in milliseconds).
# Parameters in the URL take precedence.
LIBPQ_OPTIONS = {
    "connect_timeout": 10, "keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "options": PLANNER,
}  # fmt: skip


def postgres(url: str, keep_seconds: float, pool_size: int) -> dict:
    """Return the database settings for a URL.

    A worker keeps its connection for ``keep_seconds`` between queries. The web server has a pool of ``pool_size``
    connections instead (docs/adr/0008); Django forbids both together.
    """
    seconds = 0 if IS_WEB_SERVER else keep_seconds
    database = dict(dj_database_url.parse(url, conn_max_age=seconds, conn_health_checks=True))
    database["OPTIONS"] = LIBPQ_OPTIONS | database.get("OPTIONS", {})
    if IS_WEB_SERVER:
        # After reconnect_timeout the pool connects again as soon as a request asks; until then it waits ever longer.
        pool = {"min_size": 2, "max_size": max(2, pool_size), "timeout": 1, "reconnect_timeout": 5}
        database |= {"ENGINE": "common.database.postgresql", "OPTIONS": database["OPTIONS"] | {"pool": pool}}
    return database


def mailers(name: str) -> dict:
    """Return MAILERS for ``smtp://user:password@host:587?tls=yes``, or ``smtps://`` for implicit TLS.

    Without a value no email is sent.
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
