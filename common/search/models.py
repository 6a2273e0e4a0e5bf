"""The search documents and the words in which typos are forgiven."""

from django.db import models


class SearchDocument(models.Model):
    """What can be found of one row of another table. ``kind`` names its index (common.hooks.search_indexes).

    ``scope``: the workspace of the row. ``text``: normalised, one line per field. The tokens of the text are in the
    column ``tokens`` on PostgreSQL and in the table ``search_tokens`` on SQLite, which only common.search knows.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=20)
    object_id = models.UUIDField()
    scope = models.UUIDField(db_index=True)
    text = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "object_id"], name="one_document_per_row")]


class SearchWord(models.Model):
    """A word of five letters or more that a document of the workspace ``scope`` has, or once had."""

    id = models.BigAutoField(primary_key=True)
    scope = models.UUIDField()
    word = models.CharField(max_length=40)
    backwards = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "word"], name="one_word_per_scope")]
