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


def start_transaction(action, lock_timeout="60s") -> tuple[threading.Thread, list[bool]]:
    """Run ``action()`` in a transaction of another thread. Returns the thread, and a list for whether it committed."""
    committed: list[bool] = []

    def run():
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute(f"SET LOCAL lock_timeout = '{lock_timeout}'")
                action()
            committed.append(True)
        except OperationalError:
            committed.append(False)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, committed


def commits_meanwhile(action) -> bool:
    """Return whether another thread commits ``action()`` within a second."""
    thread, committed = start_transaction(action, lock_timeout="1s")
    thread.join(60)
    return committed == [True]


def test_story_is_created_while_its_workspace_is_locked(workspace):
    with transaction.atomic():
        services.lock_workspace(workspace)
        assert commits_meanwhile(lambda: Story.objects.create(workspace=workspace, title="Another"))
        assert not commits_meanwhile(lambda: services.lock_workspace(workspace)), "services still wait for each other"


def test_clip_is_requested_while_its_connection_is_locked(workspace, submit):
    ours = Connection.objects.create(provider="kling", workspace=workspace, label="Ours")
    job = submit()
    clip = {"title": "One", "provider": "kling", "model": "m", "seed": 7, "workspace": workspace, "job": job}

    with transaction.atomic():
        connection_services._lock(ours)
        assert commits_meanwhile(lambda: Clip.objects.create(**clip, connection=ours))

    assert Job.objects.filter(clip__connection=ours).exists()


def test_story_is_copied_while_a_clip_is_deleted(workspace, submit, mika):
    """Both lock the workspace first, so there is no deadlock."""
    job, story = submit(), Story.objects.create(workspace=workspace, title="One")
    clip = Clip.objects.create(title="One", provider="kling", model="m", seed=7, workspace=workspace, job=job)
    scene = Scene.objects.create(story=story, position=1)
    Take.objects.create(scene=scene, clip=clip, purpose=Take.Purpose.FINAL)

    with transaction.atomic():
        duplicate_story(story=story, by=mika)
        thread, committed = start_transaction(lambda: services.delete(Job.objects.get(pk=job.pk), by=mika))
        thread.join(1)
        services.lock_workspace(workspace)  # as drawing the copy's animatics does

    thread.join(60)
    assert committed == [True] and Story.objects.count() == 2
