"""The filters and orders of the explore page. All of them are in the address; unknown values count as "all"."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.search.tokens import QUERY_LENGTH, Query, parse_query
from gallery.models import Work
from gallery.works.tags import with_tag
from generation.providers.styles import NAMES

NEWEST, TRENDING = "new", "trending"
BY_DATE, BY_SCORE, BY_LIKES = ("-published_at", "-id"), ("-score", "-id"), ("-like_count", "-id")
SORTS = {  # value: label, order, and of how many days
    NEWEST: (_("Newest"), BY_DATE, None),
    TRENDING: (_("Trending"), BY_SCORE, None),
    "top-week": (_("Most liked this week"), BY_LIKES, 7),
    "top-month": (_("Most liked this month"), BY_LIKES, 30),
    "top-year": (_("Most liked this year"), BY_LIKES, 365),
    "top": (_("Most liked ever"), BY_LIKES, None),
}
# Licences by what they allow; the values are those of the address.
LICENCES = {
    **{str(licence): (licence.label, [licence]) for licence in Work.Licence if licence != Work.Licence.RESERVED},
    "cc": (_("Any Creative Commons licence"), [one for one in Work.Licence if one != Work.Licence.RESERVED]),
}
CHOICES = {
    "kind": dict(Work.Kind.choices),
    "style": NAMES,
    "licence": {value: label for value, (label, _licences) in LICENCES.items()},
    "remix": {"yes": _("May be remixed")},
}


@dataclass(frozen=True)
class Chosen:
    """What a reader has chosen: the typed text, a tag (in its one spelling), the values of filters, and the order."""

    text: str = ""
    tag: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    sort: str = NEWEST

    @property
    def is_filtered(self) -> bool:
        return bool(self.text or self.tag or self.values)

    @cached_property
    def query(self) -> Query:
        return parse_query(self.text)

    @property
    def order(self) -> tuple[str, ...]:
        return SORTS[self.sort][1]

    @property
    def path(self) -> str:
        """Return the path of the page: that of the tag if one is chosen."""
        return reverse("gallery:tag", args=[self.tag]) if self.tag else reverse("gallery:explore")

    def encode(self, **changes: str) -> str:
        """Return the address of the page, with ``changes`` (an empty value removes a filter)."""
        sort = {} if self.sort == NEWEST else {"sort": self.sort}
        values = ({"q": self.text} if self.text else {}) | dict(self.values) | sort | changes
        query = urlencode({name: value for name, value in values.items() if value})
        return f"{self.path}?{query}" if query else self.path


def read_chosen(query, tag: str = "") -> Chosen:
    """Return what the query string (a QueryDict) chooses."""
    text = query.get("q", "")[:QUERY_LENGTH].replace("\0", "")
    values = {name: query.get(name, "") for name, choices in CHOICES.items() if query.get(name) in choices}
    sort = query.get("sort", "")
    return Chosen(text.strip() and text, tag, values, sort if sort in SORTS else NEWEST)


def choose(works, chosen: Chosen):
    """Return those of the works that the filters choose, without the typed text and in no order."""
    for name, value in chosen.values.items():
        works = works.filter(_build_condition(name, value))
    if days := SORTS[chosen.sort][2]:
        works = works.filter(published_at__gte=timezone.now() - timedelta(days=days))
    return with_tag(works, chosen.tag) if chosen.tag else works


def _build_condition(name: str, value: str) -> Q:
    if name == "licence":
        return Q(licence__in=LICENCES[value][1])
    return Q(allows_remix=True) if name == "remix" else Q(**{name: value})
