"""Start-up of the whole studio by ``manage.py up``."""

import pytest
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from jobs.worker import startup


@pytest.mark.django_db
def test_a_database_from_before_the_first_release_is_refused_in_one_sentence():
    MigrationRecorder(connection).record_applied("jobs", "0001_jobs")

    with pytest.raises(CommandError, match=r"move .* away"):
        startup.migrate(print)
