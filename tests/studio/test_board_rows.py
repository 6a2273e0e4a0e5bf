"""A row of the storyboard is kept as HTML, and drawn anew when anything that it shows has changed."""

import re

import pytest
from django.test import Client

from accounts.models import Membership
from studio.models import Character

pytestmark = pytest.mark.django_db


def read_rows(browser: Client, story, language: str = "en") -> str:
    page = browser.get(story.get_absolute_url(), headers={"Accept-Language": language}).content.decode()
    return " ".join(re.findall(r'<li class="storyboard-row.*?</li>', page, re.DOTALL))


def test_a_renamed_character_is_renamed_in_its_scenes(sign_in, mika, create_story, scenes):
    story = create_story(mika, "a girl on a hill")
    aoi = Character.objects.create(workspace=story.workspace, story=story, name="Aoi")
    scenes(story)[0].characters.add(aoi)
    assert ">Aoi<" in read_rows(sign_in(mika), story)

    Character.objects.filter(pk=aoi.pk).update(name="Hina")

    assert ">Hina<" in read_rows(sign_in(mika), story)


def test_each_reader_gets_rows_for_own_language_and_rights(sign_in, mika, ren, create_story):
    story = create_story(mika, "a girl on a hill")
    Membership.objects.create(workspace=story.workspace, user=ren, role="viewer")
    mine, theirs = (read_rows(sign_in(user), story) for user in (mika, ren))
    mika.language = "zh-hans"
    mika.save()

    assert "Move scene 1" in mine and "Move scene" not in theirs
    assert "Edit scene 1" in theirs and "Edit scene 1" not in read_rows(sign_in(mika), story, "zh-hans")
