"""The filter bar above the library, for its template."""

from functools import cached_property

from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from accounts.viewer import Viewer
from generation.library import keeping
from generation.library.filters import ALL, SORTS, Chosen, LibraryFilter, list_filters
from generation.models import SavedSearch

SHOWN_APART = ("favourite", "style")  # as tabs and chips
SIZES = {"s": ("S", _("Small")), "m": ("M", _("Medium")), "l": ("L", _("Large"))}


class FilterBar:
    """The tabs, chips and menus of the filters, with their addresses. ``searches``: the saved ones, if known."""

    def __init__(self, viewer: Viewer, chosen: Chosen, searches: list[SavedSearch] | None = None):
        self.viewer, self.chosen, self.searches = viewer, chosen, searches
        self.filters = list_filters()

    @property
    def text(self) -> str:
        return self.chosen.text

    @cached_property
    def selects(self) -> list[dict]:
        """Return the menus: ``{"name", "label", "options"}``; a hundred options are quicker written here."""
        return [
            {
                "name": name,
                "label": choice.label,
                "options": self._render_options(name, choice),
            }
            for name, choice in self.filters.items()
            if name not in SHOWN_APART
        ]

    @property
    def count(self) -> int:
        """Return how many of the menus have a choice."""
        return sum(name not in SHOWN_APART for name in self.chosen.values)

    @property
    def tabs(self) -> list[dict]:
        """Return "all" and "favourites", with their addresses."""
        return self._build_links("favourite")

    @property
    def styles(self) -> list[dict]:
        return self._build_links("style")

    @property
    def sorts(self) -> list[tuple]:
        return [(name, label) for name, (label, _order) in SORTS.items()]

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

    def _list_choices(self, name: str, offered: LibraryFilter) -> list[tuple]:
        choices = [(ALL, offered.all_label), *offered.choices(self.viewer)]
        value = self.chosen.values.get(name, ALL)
        return choices if value in dict(choices) else [*choices, (value, offered.label)]

    def _render_options(self, name: str, offered: LibraryFilter) -> SafeString:
        value = self.chosen.values.get(name, ALL)
        rows = (
            (choice, mark_safe(" selected") if choice == value else "", label)
            for choice, label in self._list_choices(name, offered)
        )
        return format_html_join("", '<option value="{}"{}>{}</option>', rows)

    def _build_links(self, name: str) -> list[dict]:
        value = self.chosen.values.get(name, ALL)
        return [
            {
                "value": choice,
                "label": label,
                "url": f"?{self.chosen.encode(**{name: choice})}",
                "is_chosen": choice == value,
            }
            for choice, label in self._list_choices(name, self.filters[name])
        ]
