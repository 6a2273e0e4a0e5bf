"""An erased user leaves no name on pages and in tables of shared stories."""

import pytest
from django.apps import apps
from django.urls import reverse

from accounts import privacy
from accounts.access import get_home
from accounts.models import Membership, User
from generation.providers.connections import services as connection_services
from jobs.models import Job
from studio.drawing import services as drawing_services
from studio.films import services as film_services
from studio.models import Film, Take
from studio.scenes import edits
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
CANARY = "canarybird"


def dump_database() -> str:
    return str([list(model._base_manager.values_list()) for model in apps.get_models()])


@pytest.fixture
def erased_user(mika):
    """An editor of Mika's workspace with a unique name and email address."""
    user = UserFactory(name=f"{CANARY} name", email=f"{CANARY}@example.test")
    get_home(user)
    Membership.objects.create(user=user, workspace=mika.workspaces.get(), role="editor")
    connection_services.add_connection(
        by=user, owner=user, provider="kling", label=f"{CANARY} kling", secret={"keys": {"api_key": "k"}}
    )
    return user


def test_an_erased_user_leaves_no_name_in_a_shared_story(
    mika, erased_user, create_story, scenes, run_jobs, sign_in, atelier, key
):
    story = create_story(mika, "a girl on a hill", provider="atelier")
    erased_users_browser, mikas_browser = sign_in(erased_user), sign_in(mika)
    [scene] = scenes(story)
    edits.edit_scene(scene=scene, by=erased_user, rev=scene.rev, changes={"prompt": "a boy on a hill"})
    drawing_services.start_run(story=story, by=erased_user, which="missing", idem_key=key())
    run_jobs()
    drawing_services.choose_take(take=Take.objects.first(), by=erased_user)
    film_services.request_film(story=story, by=erased_user, idem_key=key())
    run_jobs()
    erased_users_browser.get(f"/stories/{story.pk}/presence/")
    pages = [f"/stories/{story.pk}/", f"/stories/{story.pk}/presence/", reverse("studio:history", args=[scene.pk])]
    pages += [
        reverse("jobs:job", args=[job.pk]) for job in Job.objects.filter(workspace=story.workspace, deleted_at=None)
    ]
    pages_with_name = [path for path in pages if CANARY in mikas_browser.get(path).text]
    assert Film.objects.exists() and CANARY in dump_database() and len(pages_with_name) > 2

    privacy.erase_all(erased_user)

    assert not User.objects.filter(name__contains=CANARY).exists() and Film.objects.exists()
    assert CANARY not in dump_database()
    assert [
        path for path in pages if mikas_browser.get(path).status_code != 200 or CANARY in mikas_browser.get(path).text
    ] == []
