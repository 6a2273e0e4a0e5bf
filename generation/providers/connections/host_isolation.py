"""Which machines only one person or workspace draws on here. Whatever a brought workflow is let into, it can read."""

import ipaddress
import socket
from contextlib import suppress
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q

from generation.providers.connections.open_connection import address_of
from generation.providers.models import Connection


def shared(accounts, by, workspace) -> list:
    """Ids of those of the accounts whose machine the site draws on as well, or people who are neither ``by`` nor in a
    workspace with them. Of another's account at a public address only if it works: anybody may write one down."""
    accounts = list(accounts)
    mine = Q(workspace=workspace) if workspace is not None else Q()
    if by is not None and by.is_authenticated:
        mine |= Q(owner=by) | Q(workspace__memberships__user=by)
    others = Connection.objects.filter(provider__in={each.provider for each in accounts}, deleted_at=None)
    if mine:
        others = others.exclude(pk__in=Connection.objects.filter(mine).values("pk"))
    theirs = {machine_of(each) for each in others if _is_used(each)}
    return [each.pk for each in accounts if each.scope == "site" or machine_of(each) in theirs]


def _is_used(account: Connection) -> bool:
    is_open = account.allows_private or urlsplit(address_of(account)).netloc.lower() in settings.PROVIDER_PRIVATE_HOSTS
    return account.scope == "site" or is_open or account.health == Connection.Health.GOOD


def machine_of(account: Connection) -> tuple[str, int | None]:
    """Host and port, the same however they are written."""
    parts = urlsplit(address_of(account).lower())
    host = (parts.hostname or "").rstrip(".")
    with suppress(OSError, ValueError, UnicodeError):
        number = ipaddress.ip_address(host if ":" in host else socket.inet_aton(host))
        host = "localhost" if number.is_loopback else str(number)
    return host, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
