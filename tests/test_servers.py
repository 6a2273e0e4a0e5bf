"""The servers for tests are real."""

import urllib.error
import urllib.request

import psycopg
import pytest
import redis
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from tests import servers


@pytest.mark.faults
def test_postgres_answers_and_comes_back_after_a_restart(postgres_server):
    def read_version():
        with psycopg.connect(servers.postgres_url(postgres_server)) as connection:
            return connection.execute("show server_version_num").fetchone()[0]

    before = read_version()
    postgres_server.stop()
    postgres_server.start()

    assert read_version() == before >= "150000", "Django 6.1 needs PostgreSQL 15"


@pytest.mark.faults
def test_redis_answers(redis_server):
    assert redis.Redis.from_url(servers.redis_url(redis_server)).ping()


@pytest.mark.s3
def test_files_on_s3_are_read_by_a_signed_link_only(clips_on_s3):
    store = storages["clips"]

    name = store.save("a/clip.mp4", ContentFile(b"0123456789"))
    link = store.url(name)

    request = urllib.request.Request(link, headers={"Range": "bytes=2-4"})
    with urllib.request.urlopen(request) as response:
        assert (response.status, response.read()) == (206, b"234")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(link.replace("X-Amz-Signature=", "X-Amz-Signature=0"))
