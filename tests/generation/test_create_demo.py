"""manage.py create_demo: a person one can sign in as, and clips that were really drawn."""

import re

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from generation.management.commands import create_demo
from generation.models import Clip

pytestmark = pytest.mark.django_db


def test_a_demo_has_drawn_clips_and_a_person_to_sign_in_as(client, capsys, monkeypatch):
    shot = {"prompt": "a cat on a roof at night", "seconds": 2, "resolution": 480}
    monkeypatch.setattr(create_demo, "SHOTS", (shot,))

    call_command("create_demo")

    assert Clip.objects.get().job.state == "ready"
    password = re.search(r"with the password (\S+)", capsys.readouterr().out)[1]
    client.post("/account/login/", {"login": create_demo.EMAIL, "password": password})
    assert "a cat on a roof" in client.get("/clips/").content.decode()
    with pytest.raises(CommandError, match="here already"):
        call_command("create_demo")


def test_every_shot_of_the_demo_can_be_asked_for():
    forms = [create_demo.ClipForm({"seconds": 5, **shot}) for shot in create_demo.SHOTS]

    assert [form.errors for form in forms if not form.is_valid()] == []
    assert User.objects.count() == 0
