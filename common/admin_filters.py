"""Filters for the lists of the admin."""

from collections.abc import Callable

from django.contrib import admin


def label_filter(label_of: Callable[[str], str]) -> type[admin.AllValuesFieldListFilter]:
    """Create a filter over the values of a column, which shows ``label_of(value)`` instead of the value.

    Where values have the same label, the value follows the label.
    """

    class LabelFilter(admin.AllValuesFieldListFilter):
        def choices(self, changelist):
            choices = super().choices(changelist)
            yield next(choices)  # all of them
            values = [value for value in self.lookup_choices if value is not None]
            labels = [label_of(value) or "–" for value in values]
            for value, label, choice in zip(values, labels, choices, strict=False):
                text = f"{label} · {value}" if labels.count(label) > 1 else label
                count = str(choice["display"]).removeprefix(value)  # number of rows, if Django shows it
                yield choice | {"display": f"{text}{count}"}
            yield from choices  # those without a value

    return LabelFilter
