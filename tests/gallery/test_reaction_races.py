"""Counters equal rows, whatever happens at the same moment."""

import pytest
from django.db.models import Sum

from gallery.errors import PeopleRefused, ReactionRefused
from gallery.models import Comment, Follow, Like, Playlist, PlaylistEntry, Profile, Work
from gallery.people.relationships import set_block, set_follow
from gallery.reactions.comments import add_comment, set_comment_state
from gallery.reactions.likes import set_like
from gallery.reactions.playlists import get_saved_list, set_playlists
from tests.accounts.billing.test_ledger_races import run_at_once
from tests.factories import UserFactory
from tests.gallery.works import create_clip, create_profile, publish

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rows]


def test_fifty_reactions_at_once_are_counted_exactly(settings):
    settings.GALLERY, settings.FIRST_LOOK = "members", "none"
    author = UserFactory(name="Mika")
    work = publish(create_clip(author, has_files=False))
    profile = create_profile(author)
    readers = [UserFactory() for _ in range(5)]
    homes = [reader.home for reader in readers]
    profiles = [create_profile(reader, f"reader{n}") for n, reader in enumerate(readers)]
    first = [
        add_comment(user=reader, work=work, workspace=home, text="First")
        for reader, home in zip(readers, homes, strict=True)
    ]

    def react(n):
        user, home, is_on = readers[n % 5], homes[n % 5], n % 3 > 0
        mine = Work.objects.select_related("workspace").get(pk=work.pk)
        if n < 20:
            set_like(user=user, work=mine, workspace=home, is_liked=is_on)
        elif n < 32:
            lists = [get_saved_list(home, by=user)] if is_on else []
            set_playlists(user=user, work=mine, workspace=home, playlists=lists)
        elif n < 42:
            set_comment_state(first[n % 5], Comment.State.REMOVED if is_on else Comment.State.SHOWN)
        elif n < 49:
            set_follow(user=user, profile=profile, is_following=is_on)
        else:
            set_block(user=author, profile=profiles[0], is_blocked=True)

    outcomes = run_at_once(50, react, refusal=(ReactionRefused, PeopleRefused))

    refused = {str(outcome) for outcome in outcomes if isinstance(outcome, Exception)}
    assert all("accept reactions" in reason or "cannot follow" in reason for reason in refused), refused
    work.refresh_from_db()
    assert work.like_count == Like.objects.count()
    assert work.save_count == PlaylistEntry.objects.values("playlist__workspace").distinct().count()
    assert work.comment_count == Comment.objects.filter(state=Comment.State.SHOWN).count()
    assert Playlist.objects.filter(is_saved=True).count() <= 5
    assert Profile.objects.aggregate(sum=Sum("follower_count"))["sum"] == Follow.objects.count()
