"""Operators' lists show what a column holds in words: in its cells and in the filter beside them."""

from collections.abc import Callable

from django.contrib import admin


def filter_in_words(say: Callable[[str], str]) -> type[admin.AllValuesFieldListFilter]:
    """A filter over the values that a column has; ``say(value)`` is how its readers call one. Where two are called the
    same, each has its value beside it."""

    class InWords(admin.AllValuesFieldListFilter):
        def choices(self, changelist):
            given = super().choices(changelist)
            yield next(given)  # all of them
            values = [value for value in self.lookup_choices if value is not None]
            words = [say(value) or "–" for value in values]
            for value, told, choice in zip(values, words, given, strict=False):
                named = f"{told} · {value}" if words.count(told) > 1 else told
                rows = str(choice["display"]).removeprefix(value)  # how many, where that is asked
                yield choice | {"display": f"{named}{rows}"}
            yield from given  # those without a value

    return InWords
