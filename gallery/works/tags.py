"""Tags of works: one spelling for what readers type."""

import unicodedata

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gallery.models import Tag, Work, WorkTag

MAX_TAGS, MAX_LETTERS = 8, 24
SEPARATORS = str.maketrans("，、；;\n\t", ",,,,,,")


class TagRefused(ValueError):
    """The tags cannot be used; ``str()`` is for the author."""


def normalise_tag(text: str) -> str:
    """Return a tag as it is stored: NFKC, without case, ``#``, invisible signs and repeated spaces."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    visible = "".join(" " if sign.isspace() else sign for sign in folded if sign.isprintable() or sign.isspace())
    return " ".join(visible.replace("/", " ").replace("#", " ").split())


def parse_tags(text: str) -> list[str]:
    """Return the tags of a line separated by commas, without repetitions.

    Raises TagRefused for too many tags, or one that is too long.
    """
    names = dict.fromkeys(filter(None, map(normalise_tag, text.translate(SEPARATORS).split(","))))
    if len(names) > MAX_TAGS:
        raise TagRefused(
            ngettext("A work has at most %(n)d tag.", "A work has at most %(n)d tags.", MAX_TAGS) % {"n": MAX_TAGS}
        )
    if long := next((name for name in names if len(name) > MAX_LETTERS), ""):
        values = {"tag": long[:MAX_LETTERS], "n": MAX_LETTERS}
        raise TagRefused(_("The tag “%(tag)s…” is too long: a tag has at most %(n)d characters.") % values)
    return list(names)


def set_tags(work: Work, names: list[str]) -> None:
    """Give the work exactly these tags, in this order. Tags that nobody uses any more are kept."""
    Tag.objects.bulk_create([Tag(name=name) for name in names], ignore_conflicts=True)
    rows = {tag.name: tag for tag in Tag.objects.filter(name__in=names)}
    work.work_tags.all().delete()
    WorkTag.objects.bulk_create(WorkTag(work=work, tag=rows[name], published_at=work.published_at) for name in names)


def with_tag(works, name: str):
    """Return those of the works that have the tag.

    The tag's id is read first: with a constant, the database knows how frequent the tag is.
    """
    tag = Tag.objects.filter(name=name).values_list("pk", flat=True).first()
    return works.filter(work_tags__tag=tag) if tag else works.none()
