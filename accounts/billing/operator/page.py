"""What the operators' pages of money share."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from accounts.access import operator_page
from common.pagination import fetch_page

PAGE_SIZE = 20
# of Listing, by the element that htmx replaces
LIST_TARGETS = {"list": "operator/_money_list.html#list", "more": "operator/_money_list.html#more"}


@dataclass(frozen=True)
class Listing:
    """The lazy texts of a searched list, the name of its ``page``, and the template of a ``row``."""

    page: str
    row: str
    title: Any
    search: Any
    more: Any
    empty: Any

    @property
    def url(self) -> str:
        return reverse(self.page)


def billing_page(permission: str = ""):
    """Decorate a page for operators with the permission. Without billing it does not exist."""
    return operator_page(permission, needs=lambda: settings.BILLING)


def read_search(request) -> str:
    """Return what was typed into the search of a list."""
    return request.GET.get("q", "")[:100].replace("\0", "")


def fetch_rows(request, query, **options):
    """Return a page of a query, and the query string of the next one or None."""
    page = fetch_page(query, request.GET.get("after", ""), PAGE_SIZE, **options)
    values = {"q": read_search(request)} if "q" in request.GET else {}
    return page.rows, page.after and f"?{urlencode(values | {'after': page.after})}"
