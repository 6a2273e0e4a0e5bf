"""Check addresses of connections. Host names that resolve to private addresses are rejected at each request."""

import ipaddress
import re
import socket
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

PRIVATE_SUFFIXES = (".local", ".localhost", ".internal", ".lan", ".home", ".intranet", ".home.arpa", ".onion")
HOST_NAME = re.compile(r"(?=.{1,253}\Z)(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*\Z")
MAX_LENGTH = 300


class BadAddress(ValueError):
    """An address to which keys may not be sent. ``str()`` is the reason for the user."""


def check_address(text: str, *, allows_private: bool = False) -> str:
    """Return the address without trailing slashes. Raises BadAddress if it is invalid, or private and not allowed."""
    text = text.strip().rstrip("/")
    if len(text) > MAX_LENGTH or "\\" in text or not text.isprintable() or " " in text:
        raise BadAddress(_("This is not a web address."))
    scheme, netloc, host = _split_address(text)
    if allows_private or netloc in settings.PROVIDER_PRIVATE_HOSTS:
        return text
    if is_private(host):
        raise BadAddress(
            _("This address is in a private network. Ask the administrator of this studio to allow it first.")
        )
    if not HOST_NAME.match(host):
        raise BadAddress(_("This is not a web address."))
    if scheme != "https":
        raise BadAddress(_("Keys are only sent over https://."))
    return text


def parse_origin(text: str) -> tuple[str, str]:
    """Return the scheme, and the host with its port."""
    parts = urlsplit(text)
    return parts.scheme, parts.netloc.lower()


def is_private(host: str) -> bool:
    """Return whether the host is loopback, private or link-local, or a name that only a private network resolves."""
    if (address := _parse_ip(host)) is not None:
        mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
        is_old = address.version == 6 and (address.is_site_local or int(address) < 1 << 32)
        return is_old or not (mapped or address).is_global or address.is_multicast
    return "." not in host.rstrip(".") or host.rstrip(".").endswith(PRIVATE_SUFFIXES)


def _parse_ip(host: str):
    """Return the IP address of a host in any form that resolvers accept (0x7f.1 too), or None for a name."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return ipaddress.ip_address(socket.inet_aton(host.rstrip(".")))
    except (OSError, UnicodeError):
        return None


def _split_address(text: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        host = host if ":" in host else host.encode("idna").decode()
        has_more = parts.username or parts.password or parts.query or parts.fragment
        is_complete = parts.scheme in ("http", "https") and host and parts.port != 0
    except (ValueError, UnicodeError):
        raise BadAddress(_("This is not a web address.")) from None
    if not is_complete:
        raise BadAddress(_("Enter the full address, starting with https://."))
    if has_more:
        raise BadAddress(
            _("An address cannot contain a user name, a password, ? or #. Enter keys in their own fields.")
        )
    return parts.scheme, parts.netloc.lower(), host.lower()
