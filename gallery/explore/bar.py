"""The filter bar of the explore page, for its template."""

from functools import cached_property

from django.db.models import Count

from accounts.viewer import Viewer
from common.listing import FilterBar
from gallery.access import works_to_see
from gallery.explore.filters import ExploreChosen
from gallery.models import WorkTag

NEWEST_WORKS = 120  # whose tags are offered
OFFERED_TAGS = 12


class ExploreBar(FilterBar):
    """The filters, and the tags to choose from."""

    def __init__(self, viewer: Viewer, chosen: ExploreChosen):
        super().__init__(chosen, viewer, apart=("style", "remix"))

    @property
    def count(self) -> int:
        return super().count + self.is_remix

    @property
    def is_remix(self) -> bool:
        return "remix" in self.chosen.values

    @cached_property
    def tags(self) -> list[str]:
        """Return the most frequent tags of the newest works that the reader may see."""
        newest = works_to_see(self.viewer).order_by("-published_at", "-id").values("pk")[:NEWEST_WORKS]
        rows = WorkTag.objects.filter(work__in=newest).values_list("tag__name").annotate(count=Count("pk"))
        return [name for name, _count in rows.order_by("-count", "tag__name")[:OFFERED_TAGS]]
