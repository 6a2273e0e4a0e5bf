"""Works follow what happens to their clip, film, keys and author."""

import json
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from accounts import privacy
from accounts.models import User
from gallery.models import Comment, Follow, Like, Profile, Remix, Work
from gallery.moderation.reports import report_target
from gallery.works.media import get_media_urls
from generation.services import clips as clip_services
from tests.gallery.test_work_page import get_media

CANARY = "canary-of-mika"


def test_work_follows_its_clip_into_the_trash_and_back(work, client, mika):
    film = get_media_urls(work).film
    clip_services.delete_clip(work.clip, by=mika)
    assert client.get(work.get_absolute_url()).status_code == get_media(film).status_code == 404

    clip_services.restore_clip(work.clip, by=mika)
    assert client.get(work.get_absolute_url()).status_code == get_media(film).status_code == 200


def test_work_follows_the_story_of_its_film(publish, create_film, mika, public_gallery, client):
    work = publish(create_film(mika), shows_prompt=False)
    page = client.get(work.get_absolute_url()).content.decode()
    assert "Dawn over the beach" not in page, "the titles of scenes are part of the prompt"
    assert "Higher!" in client.get(f"{work.get_absolute_url()}captions.vtt").content.decode()

    work.film.story.deleted_at = timezone.now()
    work.film.story.save()
    assert client.get(work.get_absolute_url()).status_code == 404
    assert client.get(f"{work.get_absolute_url()}captions.vtt").status_code == 404


def test_deleted_work_keeps_its_credit_only(publish, create_clip, mika, public_gallery, client):
    work = publish(create_clip(mika, prompt=CANARY), description=CANARY, shows_prompt=True, tags=[CANARY])
    secret = publish(create_clip(mika), visibility="unlisted")
    private = publish(create_clip(mika), visibility="private")
    links = [row.get_absolute_url() for row in (secret, private)]
    for row in (work, secret, private):
        row.clip.delete()

    gone = client.get(work.get_absolute_url())
    assert gone.status_code == 410
    assert "The last summer train" not in gone.content.decode() and "@mika" not in gone.content.decode()
    assert [client.get(link).status_code for link in links] == [404, 404]
    assert CANARY not in json.dumps(list(Work.objects.values()), cls=DjangoJSONEncoder)
    assert not Work.objects.exclude(pk=work.pk).exists()


def test_works_vanish_when_their_author_closes_the_account(work, client, mika):
    User.objects.filter(pk=mika.pk).update(closing_at=timezone.now())
    assert client.get(work.get_absolute_url()).status_code == 404
    assert get_media(get_media_urls(work).film).status_code == 404


@pytest.fixture
def everything_of_mika(mika, ren, work, create_clip, publish):
    """Rows of all kinds that hold words of Mika's. Returns a work of Ren's that Mika liked and commented on."""
    profile = Profile.objects.get(workspace__home_of=mika)
    profile.bio = CANARY
    profile.save()
    Work.objects.filter(pk=work.pk).update(title=CANARY, description=CANARY)
    theirs = publish(create_clip(ren))
    ours, home = Profile.objects.get(workspace__home_of=ren), mika.workspaces.get(home_of=mika)
    Like.objects.create(work=theirs, user=mika)
    comment = Comment.objects.create(work=theirs, user=mika, text=CANARY)
    report_target(comment, by=ren, reason="spam")
    Follow.objects.create(user=mika, profile=ours)
    Remix.objects.create(
        parent=theirs, parent_code=theirs.code, parent_title="t", parent_author="Ren", parent_licence="by",
        workspace=home, child_kind="clip", child=work.clip_id, how="words",
    )  # fmt: skip
    Remix.objects.create(
        parent=work, parent_code=work.code, parent_title=CANARY, parent_author="Mika", parent_licence="by",
        workspace=theirs.workspace, child_kind="clip", child=theirs.clip_id, how="words",
    )  # fmt: skip
    Work.objects.filter(pk=theirs.pk).update(like_count=1, comment_count=1, remix_count=1)
    Profile.objects.filter(pk=ours.pk).update(follower_count=1)
    return theirs


def test_erasure_leaves_no_word_and_right_counters(everything_of_mika, mika, ren):
    theirs = everything_of_mika
    assert CANARY in json.dumps(privacy.collect_all(mika)["gallery"], cls=DjangoJSONEncoder)

    privacy.erase_all(mika)

    rows = [list(model.objects.values()) for model in apps.get_app_config("gallery").get_models()]
    assert CANARY not in json.dumps(rows, cls=DjangoJSONEncoder)
    theirs.refresh_from_db()
    assert (theirs.like_count, theirs.comment_count, theirs.remix_count) == (0, 0, 0)
    assert Profile.objects.get(workspace__home_of=ren).follower_count == 0
    [left] = Remix.objects.all()
    assert (left.parent, left.parent_author) == (None, "")


def test_links_survive_a_new_encryption_key(publish, create_clip, mika, public_gallery, client, settings):
    work = publish(create_clip(mika), visibility="unlisted")
    link, old = work.get_absolute_url(), settings.CONNECTION_KEYS
    settings.CONNECTION_KEYS = ["fresh", *old]
    assert client.get(link).status_code == 200

    call_command("reseal_connections", stdout=StringIO())
    settings.CONNECTION_KEYS = ["fresh"]
    assert client.get(link).status_code == 200
