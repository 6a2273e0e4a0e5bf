"""Locked workspaces and connections do not block rows that only refer to them."""

import threading

import pytest
from django.db import OperationalError, connection, transaction

from generation.models import Clip
from generation.providers.connections import services as connection_services
from generation.providers.models import Connection
from jobs import services
from jobs.models import Job
from studio.models import Scene, Story, Take
from studio.stories.copy_story import duplicate_story

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.rows]


def begun(make, waits="60s") -> tuple[threading.Thread, list[bool]]:
    """``make()`` by somebody else: who does it, and whether it was committed, as soon as that is known."""
    came: list[bool] = []

    def other():
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute(f"SET LOCAL lock_timeout = '{waits}'")
                make()
            came.append(True)
        except OperationalError:
            came.append(False)
        finally:
            connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    return thread, came


def commits_meanwhile(make) -> bool:
    """Whether somebody else commits ``make()`` within a second."""
    thread, came = begun(make, waits="1s")
    thread.join(60)
    return came == [True]


def test_story_is_created_while_its_workspace_is_locked(desk):
    with transaction.atomic():
        services.lock_workspace(desk)
        assert commits_meanwhile(lambda: Story.objects.create(workspace=desk, title="Another"))
        assert not commits_meanwhile(lambda: services.lock_workspace(desk)), "deeds still take turns"


def test_clip_is_requested_while_its_connection_is_locked(desk, submit):
    ours = Connection.objects.create(provider="kling", workspace=desk, label="Ours")
    job = submit()
    clip = {"title": "One", "provider": "kling", "model": "m", "seed": 7, "workspace": desk, "job": job}

    with transaction.atomic():
        connection_services._lock(ours)
        assert commits_meanwhile(lambda: Clip.objects.create(**clip, connection=ours))

    assert Job.objects.filter(clip__connection=ours).exists()


def test_story_is_copied_while_a_clip_is_deleted(desk, submit, mika):
    """Both hold the workspace before anything else: none of the two is ended."""
    job, story = submit(), Story.objects.create(workspace=desk, title="One")
    clip = Clip.objects.create(title="One", provider="kling", model="m", seed=7, workspace=desk, job=job)
    scene = Scene.objects.create(story=story, position=1)
    Take.objects.create(scene=scene, clip=clip, purpose=Take.Purpose.FINAL)

    with transaction.atomic():
        duplicate_story(story=story, by=mika)
        other, thrown = begun(lambda: services.delete(Job.objects.get(pk=job.pk), by=mika))
        other.join(1)
        services.lock_workspace(desk)  # as the animatic of its copy does

    other.join(60)
    assert thrown == [True] and Story.objects.count() == 2
