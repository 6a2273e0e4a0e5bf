"""A site of an earlier version upgrades with its data (README.md says how its database was made)."""

import gzip
import sqlite3
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from jobs import maintenance
from jobs.models import Job
from studio.models import Story

DUMP = Path(__file__).parent / "site.sql.gz"
PAGES = (
    "/create/", "/clips/", "/jobs/?group=story", "/stories/", "/explore/", "/payments/", "/settings/usage/",
)  # fmt: skip

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="the dump is of SQLite")


@pytest.fixture
def upgraded_site(tmp_path, settings, django_db_setup, django_db_blocker):
    """Load the database of the earlier version in place of that of the tests, and migrate it."""
    settings.BILLING, settings.GALLERY, settings.BANK_ACCOUNT = True, "public", "Studio"
    with sqlite3.connect(tmp_path / "site.sqlite3") as database:
        database.executescript(gzip.decompress(DUMP.read_bytes()).decode())
    database.close()
    own = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict["NAME"] = str(tmp_path / "site.sqlite3")
        try:
            call_command("migrate", verbosity=0)
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = own


def test_a_site_of_an_earlier_version_upgrades_with_its_data(upgraded_site):
    assert maintenance.find_violations(only_quick=True) == []
    story, copy = Story.objects.order_by("created_at")[:2]
    kinds = Job.objects.filter(story_id=story.pk).order_by("kind").values_list("kind", flat=True)
    assert list(kinds) == ["clip", "clip", "clip", "film", "run"]
    assert not Job.objects.filter(story_id=copy.pk).exists(), "the jobs stay with the story that was duplicated"

    client = Client()
    client.force_login(User.objects.get(email="demo@example.com"))
    film = story.films.get()
    paths = (*PAGES, story.get_absolute_url(), film.get_absolute_url(), reverse("jobs:job", args=[film.job_id]))
    assert {path: status for path in paths if (status := client.get(path).status_code) != 200} == {}
