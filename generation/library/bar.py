"""The filter bar above the library, for its template."""

from functools import cached_property

from django.utils.translation import gettext_lazy as _

from accounts.viewer import Viewer
from common.listing import FilterBar
from generation.library import keeping
from generation.library.filters import LibraryChosen
from generation.models import SavedSearch

SIZES = {"s": ("S", _("Small")), "m": ("M", _("Medium")), "l": ("L", _("Large"))}


class LibraryBar(FilterBar):
    """The filters, tabs and saved searches. ``searches``: the saved ones, if they are read already."""

    def __init__(self, viewer: Viewer, chosen: LibraryChosen, searches: list[SavedSearch] | None = None):
        super().__init__(chosen, viewer, apart=("favourite", "style"))
        self.searches = searches

    @property
    def tabs(self) -> list[dict]:
        """Return "all" and "favourites", with their addresses."""
        tabs = self.list_choices("favourite")
        return [tab | {"url": f"?{self.chosen.encode(favourite=tab['value'])}"} for tab in tabs]

    @cached_property
    def saved(self) -> list[dict]:
        address = self.chosen.encode()
        searches = keeping.list_searches(self.viewer.user) if self.searches is None else self.searches
        return [{"search": search, "is_current": search.query == address} for search in searches]

    @property
    def current_search(self) -> SavedSearch | None:
        return next((saved["search"] for saved in self.saved if saved["is_current"]), None)

    @property
    def sizes(self) -> list[tuple]:
        return [(value, letter, name) for value, (letter, name) in SIZES.items()]
