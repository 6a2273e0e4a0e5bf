"""manage.py create_demo: a user, drawn clips, and a story with its film."""

import re

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from generation.models import Clip
from studio.breakdown.parser import parse_text
from studio.management.commands import create_demo
from studio.models import Film

pytestmark = pytest.mark.django_db


def test_the_demo_has_clips_and_a_user_who_can_sign_in(client, capsys, monkeypatch):
    shot = {"prompt": "a cat on a roof at night", "seconds": 2, "resolution": 480}
    monkeypatch.setattr(create_demo, "SHOTS", (shot,))

    call_command("create_demo", no_story=True)

    assert Clip.objects.get().job.state == "ready"
    assert User.objects.get().is_superuser, "a studio needs an administrator"
    password = re.search(r"with the password (\S+)", capsys.readouterr().out)[1]
    client.post("/account/login/", {"login": create_demo.EMAIL, "password": password})
    assert "a cat on a roof" in client.get("/clips/").content.decode()
    with pytest.raises(CommandError, match="exists already"):
        call_command("create_demo")


def test_every_demo_shot_is_a_valid_request():
    forms = [create_demo.ClipForm({"seconds": 5, **shot}) for shot in create_demo.SHOTS]

    assert [form.errors for form in forms if not form.is_valid()] == []
    assert User.objects.count() == 0


def test_the_demo_script_has_recurring_characters():
    found = parse_text(create_demo.STORY)

    assert (found.format, found.title, len(found.shots)) == ("fountain", "The last summer train", 3)
    assert {person.name: person.scenes for person in found.people} == {"Mika": 3, "Ren": 2}


@pytest.mark.slow
@pytest.mark.deep
def test_the_demo_story_becomes_a_film(monkeypatch):
    monkeypatch.setattr(create_demo, "STORY", "Title: Rain\n\nEXT. PIER - DAY\n\nRain.\n\nINT. ROOM - NIGHT\n\nRain.\n")

    call_command("create_demo", clips=0)

    film = Film.objects.select_related("job", "story").get()
    assert film.job.state == "ready", film.job.error_public
    assert [scene.takes.get().clip.job.state for scene in film.story.scenes.all()] == ["ready"] * 2
    assert film.frames == sum(scene.takes.get().clip.frames for scene in film.story.scenes.all()) - 12
