"""Lists chosen by their address: the typed text, values of filters and the order. Unknown values count as "all"."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self
from urllib.parse import urlencode

from django.db.models import Q
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from common.search.tokens import QUERY_LENGTH, Query, parse_query
from common.web.components import draw_once

ALL = ""
SELECTED, CHECKED = mark_safe(" selected"), mark_safe(" checked")

type Choices = list[tuple[str, Any]]  # values with their labels


@dataclass(frozen=True, eq=False)
class Filter:
    """A filter of rows.

    - ``choices(viewer)`` lists the offered values with their labels; ``all_label`` is that of no filter.
    - ``condition(viewer, value)`` is the filter for a value. By default, the list itself reads the value.
    - ``accepts(viewer, value)`` is needed if a value may be valid that is not offered. ``describe(value)`` is its label
      then, by default ``label``.
    - ``hides_rows``: whether a list with a value is a part of the whole one.
    - ``is_fixed``: whether everybody gets the same choices, so that their HTML is kept.
    """

    label: Any
    all_label: Any
    choices: Callable[[Any], Choices]
    condition: Callable[[Any, str], Q] = lambda viewer, value: Q()
    accepts: Callable[[Any, str], bool] | None = None
    describe: Callable[[str], Any] | None = None
    hides_rows: bool = True
    is_fixed: bool = False

    def clean(self, viewer, value: str) -> str:
        """Return the value, or ALL if it is unknown."""
        if not value:
            return ALL
        is_valid = self.accepts(viewer, value) if self.accepts else value in dict(self.choices(viewer))
        return value if is_valid else ALL


@dataclass(frozen=True)
class Sort:
    """An order of rows: its columns, the last of them unique."""

    label: Any
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Chosen:
    """What a user has chosen: the typed text, the values of filters other than ALL, and the name of the order.

    ``filters`` and ``sorts``: those of the list, by name; the first order is the default.
    """

    filters: Mapping[str, Filter]
    sorts: Mapping[str, Sort]
    text: str
    values: Mapping[str, str]
    sort: str

    @classmethod
    def parse(
        cls, query: Mapping[str, Any], viewer, filters: Mapping[str, Filter], sorts: Mapping[str, Sort], **more: Any
    ) -> Self:
        """Return what a query string chooses. ``more``: fields of a subclass."""

        def read(name: str) -> str:
            return query.get(name, "")[:QUERY_LENGTH].replace("\0", "")

        values = {name: value for name, choice in filters.items() if (value := choice.clean(viewer, read(name)))}
        text, sort = read("q"), read("sort")
        return cls(filters, sorts, text.strip() and text, values, sort if sort in sorts else next(iter(sorts)), **more)

    @property
    def is_filtered(self) -> bool:
        return bool(self.text) or any(self.filters[name].hides_rows for name in self.values)

    @cached_property
    def query(self) -> Query:
        return parse_query(self.text)

    @property
    def order(self) -> tuple[str, ...]:
        return self.sorts[self.sort].columns

    def apply(self, rows, viewer):
        """Return those of the rows that the filters choose, without the typed text and in no order."""
        for name, value in self.values.items():
            rows = rows.filter(self.filters[name].condition(viewer, value))
        return rows

    def encode(self, **changes: str) -> str:
        """Return the query string, with ``changes`` (an empty value removes a filter)."""
        sort = ALL if self.sort == next(iter(self.sorts)) else self.sort
        values = {"q": self.text} | dict(self.values) | {"sort": sort} | changes
        return urlencode({name: value for name, value in values.items() if value})


class FilterBar:
    """The filters of a list, for its template. ``apart``: names of the filters that are no menus.

    ``offered``: name → choices, for filters whose choices are known to the page already.
    """

    def __init__(
        self, chosen: Chosen, viewer, apart: Collection[str] = (), offered: Mapping[str, Choices] | None = None
    ):
        self.chosen, self.viewer, self.apart, self.offered = chosen, viewer, apart, offered or {}

    @cached_property
    def menus(self) -> list[dict]:
        """Return the menus: ``{"name", "label", "options"}``; a hundred options are quicker written here."""
        return [
            {"name": name, "label": choice.label, "options": self._render_options(name)}
            for name, choice in self.chosen.filters.items()
            if name not in self.apart
        ]

    @property
    def count(self) -> int:
        """Return how many of the menus have a choice."""
        return sum(name not in self.apart for name in self.chosen.values)

    @property
    def sorts(self) -> SafeString:
        """Return the options of the menu of orders."""
        return _render_options([(name, sort.label) for name, sort in self.chosen.sorts.items()], self.chosen.sort)

    @property
    def style_chips(self) -> SafeString:
        return _draw_chips(self.chosen.filters["style"], "style", self.chosen.values.get("style", ALL))

    def list_choices(self, name: str) -> list[dict]:
        """Return the choices of a filter as ``{"value", "label", "is_chosen"}``."""
        value = self.chosen.values.get(name, ALL)
        return [{"value": one, "label": label, "is_chosen": one == value} for one, label in self._list_choices(name)]

    def _list_choices(self, name: str) -> Choices:
        choice = self.chosen.filters[name]
        offered = self.offered[name] if name in self.offered else choice.choices(self.viewer)
        return _complete(choice, offered, self.chosen.values.get(name, ALL))

    def _render_options(self, name: str) -> SafeString:
        choice, value = self.chosen.filters[name], self.chosen.values.get(name, ALL)
        if choice.is_fixed and name not in self.offered:
            return _draw_fixed_options(choice, value)
        return _render_options(self._list_choices(name), value)


def _complete(choice: Filter, offered: Choices, value: str) -> Choices:
    """Return "all", what is offered, and the chosen value if it is not offered."""
    choices = [(ALL, choice.all_label), *offered]
    if value not in dict(choices):
        choices.append((value, choice.describe(value) if choice.describe else choice.label))
    return choices


@draw_once
def _draw_fixed_options(choice: Filter, value: str) -> SafeString:
    return _render_options(_complete(choice, choice.choices(None), value), value)


@draw_once
def _draw_chips(choice: Filter, name: str, value: str) -> SafeString:
    """Return the choices of a filter, which must be fixed, as a row of chips."""
    html = '<label class="chip"><input type="radio" name="{}" value="{}"{}>{}</label>'
    choices = _complete(choice, choice.choices(None), value)
    return format_html_join("", html, ((name, one, CHECKED if one == value else "", label) for one, label in choices))


def _render_options(choices: Choices, value: str) -> SafeString:
    return _draw_options(tuple((one, str(label)) for one, label in choices), value)


@draw_once
def _draw_options(choices: tuple[tuple[str, str], ...], value: str) -> SafeString:
    rows = ((one, SELECTED if one == value else "", label) for one, label in choices)
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)
