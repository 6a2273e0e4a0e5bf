"""The filters and orders of the explore page. See common.listing."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.listing import Chosen, Filter, Sort
from gallery.models import Work
from gallery.works.tags import with_tag
from generation.providers.styles import NAMES

NEWEST, TRENDING = "new", "trending"
BY_DATE, BY_SCORE, BY_LIKES = ("-published_at", "-id"), ("-score", "-id"), ("-like_count", "-id")
SORTS = {
    NEWEST: Sort(_("Newest"), BY_DATE),
    TRENDING: Sort(_("Trending"), BY_SCORE),
    "top-week": Sort(_("Most liked this week"), BY_LIKES),
    "top-month": Sort(_("Most liked this month"), BY_LIKES),
    "top-year": Sort(_("Most liked this year"), BY_LIKES),
    "top": Sort(_("Most liked ever"), BY_LIKES),
}
DAYS = {"top-week": 7, "top-month": 30, "top-year": 365}  # how old works may be in an order
# Licences by what they allow; the values are those of the address.
LICENCES = {
    **{str(licence): (licence.label, [licence]) for licence in Work.Licence if licence != Work.Licence.RESERVED},
    "cc": (_("Any Creative Commons licence"), [one for one in Work.Licence if one != Work.Licence.RESERVED]),
}
FILTERS = {
    "kind": Filter(_("Kind"), _("All kinds"), lambda viewer: Work.Kind.choices, lambda viewer, value: Q(kind=value)),
    "style": Filter(
        _("Style"),
        _("All styles"),
        lambda viewer: list(NAMES.items()),
        lambda viewer, value: Q(style=value),
        is_fixed=True,
    ),
    "licence": Filter(
        _("Licence"),
        _("Any licence"),
        lambda viewer: [(value, label) for value, (label, _licences) in LICENCES.items()],
        lambda viewer, value: Q(licence__in=LICENCES[value][1]),
    ),
    "remix": Filter(
        _("May be remixed"),
        "",
        lambda viewer: [("yes", _("May be remixed"))],
        lambda viewer, value: Q(allows_remix=True),
    ),
}


@dataclass(frozen=True)
class ExploreChosen(Chosen):
    """What a reader has chosen on the explore page. ``tag``: normalised (normalise_tag), "" for none."""

    tag: str = ""

    @property
    def is_filtered(self) -> bool:
        return bool(self.tag) or super().is_filtered

    @property
    def path(self) -> str:
        """Return the path of the page: that of the tag if one is chosen."""
        return reverse("gallery:tag", args=[self.tag]) if self.tag else reverse("gallery:explore")

    def get_address(self, **changes: str) -> str:
        """Return the address of the page, with ``changes`` (an empty value removes a filter)."""
        return f"{self.path}?{self.encode(**changes)}".removesuffix("?")

    def apply(self, rows, viewer=None):
        works = super().apply(rows, viewer)
        if days := DAYS.get(self.sort):
            works = works.filter(published_at__gte=timezone.now() - timedelta(days=days))
        return with_tag(works, self.tag) if self.tag else works


def read_chosen(query, tag: str = "") -> ExploreChosen:
    """Return the filters and the order that the query string (a QueryDict) names."""
    return ExploreChosen.parse(query, None, FILTERS, SORTS, tag=tag)
