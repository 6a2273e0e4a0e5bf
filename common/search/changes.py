"""Announce changes of rows that ``post_save`` does not: those that a query set makes."""

from collections.abc import Iterable

from django.db import models
from django.dispatch import Signal

rows_changed = Signal()  # sender: the model; keys: values of the indexed_key of the rows


class IndexedQuerySet(models.QuerySet):
    """A query set that sends ``rows_changed`` after it changed one of ``indexed_fields``, or added rows.

    ``indexed_key``: the column whose values are sent.
    """

    indexed_fields: frozenset[str] = frozenset()
    indexed_key = "pk"

    def update(self, **values) -> int:
        if not self.indexed_fields & values.keys():
            return super().update(**values)
        keys = list(self.values_list(self.indexed_key, flat=True))
        count = super().update(**values)
        rows_changed.send(sender=self.model, keys=keys)
        return count

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable, *args, **options) -> list:
        rows = super().bulk_create(objs, *args, **options)
        rows_changed.send(sender=self.model, keys=[getattr(row, self.indexed_key) for row in rows])
        return rows


def is_indexed(model, update_fields) -> bool:
    """Return whether a saved row must be indexed again. ``update_fields``: those of ``post_save``."""
    return update_fields is None or bool(model.objects.all().indexed_fields & set(update_fields))
