"""The database settings."""

import pytest
from django.db import connection

from config import env


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite only")
def test_a_commit_survives_a_power_cut(db):
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_lost_connection_times_out_and_options_of_the_url_win():
    found = env.postgres("postgres://t@db/t?connect_timeout=3", 60, 20)["OPTIONS"]

    assert (found["tcp_user_timeout"], int(found["connect_timeout"])) == (30_000, 3)
