"""The filter bar of the explore page, for its template."""

from functools import cached_property

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from accounts.viewer import Viewer
from gallery.access import works_to_see
from gallery.explore.filters import CHOICES, SORTS, Chosen
from gallery.models import WorkTag

MENUS = {"kind": (_("Kind"), _("All kinds")), "licence": (_("Licence"), _("Any licence"))}
NEWEST_WORKS = 120  # whose tags are offered
OFFERED_TAGS = 12


class ExploreBar:
    """The chips, menus and tags of the filters."""

    def __init__(self, viewer: Viewer, chosen: Chosen):
        self.viewer, self.chosen = viewer, chosen

    @property
    def sorts(self) -> list[tuple]:
        return [(value, label) for value, (label, _order, _days) in SORTS.items()]

    @property
    def styles(self) -> list[dict]:
        return self._list_choices("style", _("All styles"))

    @property
    def menus(self) -> list[dict]:
        return [
            {"name": name, "label": label, "choices": self._list_choices(name, all_label)}
            for name, (label, all_label) in MENUS.items()
        ]

    @property
    def count(self) -> int:
        """Return how many of the filters in the menus are chosen."""
        return len(self.chosen.values.keys() - {"style"})

    @property
    def is_remix(self) -> bool:
        return "remix" in self.chosen.values

    @cached_property
    def tags(self) -> list[str]:
        """Return the most frequent tags of the newest works that the reader may see."""
        newest = works_to_see(self.viewer).order_by("-published_at", "-id").values("pk")[:NEWEST_WORKS]
        rows = WorkTag.objects.filter(work__in=newest).values_list("tag__name").annotate(count=Count("pk"))
        return [name for name, _count in rows.order_by("-count", "tag__name")[:OFFERED_TAGS]]

    def _list_choices(self, name: str, all_label) -> list[dict]:
        value = self.chosen.values.get(name, "")
        choices = [("", all_label), *CHOICES[name].items()]
        return [{"value": one, "label": label, "is_chosen": one == value} for one, label in choices]
