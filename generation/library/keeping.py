"""Keep favourite clips and searches."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.billing.limits import limit_of
from accounts.models import User
from generation.library.filters import LibraryChosen
from generation.models import Favourite, SavedSearch


class TooManySearches(Exception):
    """The user already keeps as many searches as allowed. Its text is for the page."""


def set_favourite(*, user, clip, is_favourite: bool) -> None:
    if is_favourite:
        Favourite.objects.get_or_create(user=user, clip=clip)
    else:
        Favourite.objects.filter(user=user, clip=clip).delete()


def add_favourites(*, user, clips) -> int:
    """Make the clips favourites of the user. Returns how many were not before."""
    new = clips.exclude(pk__in=Favourite.objects.filter(user=user).values("clip"))
    rows = [Favourite(user=user, clip=clip) for clip in new]
    Favourite.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def list_searches(user) -> list[SavedSearch]:
    return list(SavedSearch.objects.filter(user=user).order_by("name")) if user.is_authenticated else []


def list_searches_and_count(user, number) -> tuple[list[SavedSearch], int]:
    """Return the searches as ``list_searches`` does and, by the same query, the value of an expression for a number."""
    rows = User.objects.filter(pk=user.pk).annotate(number=number).order_by("saved_searches__name")
    names = [f"saved_searches__{name}" for name in ("pk", "name", "query")]
    found = list(rows.values_list("number", *names))
    searches = [SavedSearch(pk=pk, name=name, query=query) for _number, pk, name, query in found if pk]
    return searches, found[0][0] if found else 0


@transaction.atomic
def save_search(*, user, workspace, name: str, chosen: LibraryChosen) -> SavedSearch:
    """Keep the search under that name; one of the same name is replaced. Raises TooManySearches."""
    others = SavedSearch.objects.filter(user=user).exclude(name=name)
    limit = limit_of(workspace, "saved_searches")
    if others.count() >= limit:
        raise TooManySearches(_("You can keep %(limit)d searches. Delete one first.") % {"limit": limit})
    search, _created = SavedSearch.objects.update_or_create(user=user, name=name, defaults={"query": chosen.encode()})
    return search
