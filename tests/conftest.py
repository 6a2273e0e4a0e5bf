"""Fixtures of all tests: fast settings, real servers on request, and no connection to other machines."""

import fcntl
import ipaddress
import math
import os
import re
import shutil
import socket
from contextlib import contextmanager

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.sqlite3.base import DatabaseOperations
from django.test import Client
from django.urls import reverse
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from generation.media import ffmpeg, probe
from tests import migrated_database, open_transactions, servers, shares
from tests.shared_folder import get_shared_folder

LOCAL_NAMES = {"localhost", "", None}
FULL_DISK = "echo '[out#0/mp4 @ 0x55a2fe] Error writing trailer: No space left on device' >&2\n"

# no deadlines: a slow machine fails no generated case
hypothesis_settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("any machine")


@pytest.hookimpl(trylast=True)  # after tests were deselected by their markers
def pytest_collection_modifyitems(config, items):
    """Skip tests marked ``postgres`` on SQLite; ./test postgres runs them. Keep only the share of ``TEST_SHARE``."""
    if "postgres" not in os.environ.get("DATABASE_URL", ""):
        for item in items:
            if item.get_closest_marker("postgres"):
                item.add_marker(pytest.mark.skip(reason="needs DATABASE_URL to name a PostgreSQL: ./test postgres"))
    if share := os.environ.get("TEST_SHARE"):
        kept = shares.select(items, share)
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept


def pytest_sessionfinish(session, exitstatus):
    """Accept that a share of a few tests may be empty."""
    if os.environ.get("TEST_SHARE") and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        session.exitstatus = pytest.ExitCode.OK


def pytest_ignore_collect(collection_path):
    """Skip files in which the regular expression ONLY_FILES_WITH finds nothing (see ./test)."""
    pattern = os.environ.get("ONLY_FILES_WITH")
    is_skipped = pattern and collection_path.suffix == ".py" and not re.search(pattern, collection_path.read_text())
    return is_skipped or None  # None: other hooks decide


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, tmp_path_factory):
    """Migrate one test database for all worker processes, and give each of them a copy.

    SQLite uses files, which threads and servers can share.
    """
    folder, database, creation = get_shared_folder(tmp_path_factory), connection.settings_dict, connection.creation
    if connection.vendor == "sqlite":
        database["OPTIONS"]["timeout"] = 120  # seconds, for many writers on a busy machine
        database["TEST"]["NAME"] = str(folder / "test.sqlite3")
    with django_db_blocker.unblock():
        with (folder / "database.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _migrate_once(folder / "database.migrated")
            suffix = os.environ.get("PYTEST_XDIST_WORKER", "copy")
            creation.clone_test_db(suffix, verbosity=0)
        database.update(creation.get_test_db_clone_settings(suffix))
        yield
        connection.close()
        if connection.vendor == "postgresql":  # force: threads of tests may have left connections open
            with creation._nodb_cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{database["NAME"]}" WITH (FORCE)')


def _migrate_once(mark):
    """Create and migrate the test database unless another process has. Afterwards nobody is connected to it."""
    name = connection.creation._get_test_db_name()
    if mark.exists():
        connection.settings_dict["NAME"] = name
        return
    if connection.vendor == "sqlite" and (kept := migrated_database.get_path()).exists():
        connection.settings_dict["NAME"] = shutil.copyfile(kept, name)
    else:
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
        connection.close()
        if connection.vendor == "sqlite":
            migrated_database.keep(name)
    mark.touch()


@pytest.fixture(autouse=True)
def reset_language():
    """Reset the language of the thread after each test."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True, scope="session")
def flush_past_triggers():
    """Drop triggers while SQLite flushes tables: it uses DELETE, which append-only tables refuse."""
    flush = DatabaseOperations.sql_flush

    def sql_flush(self, style, tables, **options):
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
        statements = [f"DROP TRIGGER {name}" for name, _ in triggers]
        return [*statements, *flush(self, style, tables, **options), *(sql for _, sql in triggers)]

    patch = pytest.MonkeyPatch()
    patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
    yield
    patch.undo()


@pytest.fixture
def sign_in():
    """``sign_in(mika)`` returns Mika's browser; ``at``: the workspace that she entered; ``defaults``: headers of all
    its requests."""

    def open_browser(user, at=None, **defaults):
        client = Client(**defaults)
        client.force_login(user)
        if at:
            client.post(reverse("teams:enter", args=[at.pk]))
        return client

    return open_browser


@pytest.fixture(autouse=True)
def fast_settings(settings, tmp_path):
    """Use cheap password hashes, memory or the test's folder for all data, and no built static files."""
    clips = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": tmp_path / "media", "allow_overwrite": True},
    }
    settings.VAR_DIR = tmp_path
    settings.WORK_DIR = tmp_path / "work"
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    settings.STORAGES = {
        "default": clips,
        "clips": clips,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.WHITENOISE_AUTOREFRESH = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CACHES = settings.CACHES | {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    yield
    cache.clear()
    from jobs.estimates import durations

    durations._load.cache_clear()


@pytest.fixture
def cache_away(settings):
    """Ask for the cache at a port where nothing answers."""
    away = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:9"}
    before, settings.CACHES = settings.CACHES, settings.CACHES | {"default": away}
    yield
    settings.CACHES = before


@pytest.fixture(autouse=True)
def lasting_caches(monkeypatch):
    """Never expire cached overrides, models and maintenance by their age, since some tests count queries."""
    from accounts import maintenance
    from generation.providers import catalogue, overrides

    monkeypatch.setattr(maintenance, "CACHE_SECONDS", math.inf)
    monkeypatch.setattr(maintenance, "_cache", {"since": (0.0, None)})
    monkeypatch.setattr("common.cache._next", {"ask": 0.0, "log": 0.0})

    monkeypatch.setattr(catalogue, "CACHE_SECONDS", 1e9)
    monkeypatch.setattr(overrides, "CACHE_SECONDS", math.inf)
    monkeypatch.setattr(overrides, "_cache", {"all": (0.0, {})})


@pytest.fixture(autouse=True, scope="session")
def unsynced_files():
    """Do not wait for the disk: what a loss of power leaves is seen by no test."""
    patch = pytest.MonkeyPatch()
    patch.setattr(os, "fsync", lambda handle: None)
    yield
    patch.undo()


@pytest.fixture(autouse=True, scope="session")
def slow_calls_in_transactions():
    """Return the list of slow calls inside transactions, which ``short_transactions`` reads after each test."""
    patch = pytest.MonkeyPatch()
    yield open_transactions.report_slow_calls(patch)
    patch.undo()


@pytest.fixture
def commits(monkeypatch):
    """Run what waits for a commit when the outermost block of the code under test ends: tests never commit."""
    leave, wait = transaction.Atomic.__exit__, BaseDatabaseWrapper.on_commit

    def run_waiting():
        if not open_transactions.is_transaction_open():
            waiting, connection.run_on_commit = connection.run_on_commit, []
            for _savepoints, function, _is_robust in waiting:
                function()

    def leave_and_run(block, *error):
        leave(block, *error)
        run_waiting()

    def wait_or_run(*args, **options):
        wait(*args, **options)
        run_waiting()

    monkeypatch.setattr(transaction.Atomic, "__exit__", leave_and_run)
    monkeypatch.setattr(BaseDatabaseWrapper, "on_commit", wait_or_run)


@pytest.fixture(autouse=True)
def short_transactions(slow_calls_in_transactions):
    """Fail a test that started a process, sent a request, decoded a picture or slept inside a transaction."""
    yield
    found = sorted(set(slow_calls_in_transactions))
    slow_calls_in_transactions.clear()
    assert not found, "\n".join(found)


@pytest.fixture(autouse=True, scope="session")
def loopback_only():
    """Fail a test at the line that connects to another machine."""
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex"):
        patch.setattr(socket.socket, name, allow_loopback_only(getattr(socket.socket, name)))
    getaddrinfo = socket.getaddrinfo
    patch.setattr(
        socket, "getaddrinfo", lambda host, *rest, **more: getaddrinfo(refuse_host_names(host), *rest, **more)
    )
    yield
    patch.undo()


def allow_loopback_only(connect):
    def connect_to_loopback(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            refuse_remote_host(address[0])
        return connect(self, address)

    return connect_to_loopback


def refuse_host_names(host):
    """Refuse host names, which need a name server. Numeric addresses are refused when they are connected to."""
    try:
        ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host or "")
    except ValueError:
        return refuse_remote_host(host)
    return host


def refuse_remote_host(host):
    name = host.decode() if isinstance(host, bytes) else host
    if name in LOCAL_NAMES:
        return host
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        raise RuntimeError(f"A test looked up {name}; tests stay on this machine.") from None
    if not (address.is_loopback or address.is_unspecified):
        raise RuntimeError(f"A test connected to {address}; tests stay on this machine.")
    return host


@pytest.fixture(scope="session")
def postgres_server():
    """A PostgreSQL apart from the test database, for tests that start a whole site or stop the server."""
    with servers.postgres() as server:
        yield server


@pytest.fixture(scope="session")
def redis_server():
    with servers.redis() as server:
        yield server


@pytest.fixture(scope="session")
def s3_server():
    with servers.s3() as server:
        yield server


@pytest.fixture
def clips_on_s3(s3_server, settings):
    """Store the files of the test in an S3-compatible store."""
    store = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "endpoint_url": servers.s3_endpoint(s3_server),
            "bucket_name": servers.S3_BUCKET,
            "access_key": servers.S3_KEY,
            "secret_key": servers.S3_SECRET,
            "region_name": "us-east-1",
            "addressing_style": "path",
            "signature_version": "s3v4",
            "file_overwrite": True,
            "default_acl": None,
            "querystring_expire": 300,
        },
    }
    settings.STORAGES = {**settings.STORAGES, "default": store, "clips": store}
    return s3_server


@pytest.fixture
def ffmpeg_without_room(tmp_path, monkeypatch):
    """``with ffmpeg_without_room():`` makes every file that ffmpeg writes fail with a full disk."""

    @contextmanager
    def use():
        real, script = ffmpeg.find_binary(), tmp_path / "ffmpeg-without-room"
        script.write_text(f'#!/bin/sh\ncase "$*" in *pipe:1) exec {real} "$@";; esac\n{FULL_DISK}exit 1\n')
        script.chmod(0o755)
        with monkeypatch.context() as patch:
            patch.setattr(ffmpeg, "find_binary", lambda: str(script))
            yield

    return use


@pytest.fixture
def no_ffmpeg(monkeypatch):
    """``with no_ffmpeg():`` removes ffmpeg and clears the cached probes of videos."""

    @contextmanager
    def use_missing():
        ffmpeg.find_binary.cache_clear()
        probe._last_probe.clear()
        with monkeypatch.context() as patch:
            patch.setenv("IMAGEIO_FFMPEG_EXE", "/no/ffmpeg")
            yield
        ffmpeg.find_binary.cache_clear()

    return use_missing


class ListeningAddress:
    """A listening socket on this machine that notices connections."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setblocking(False)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.listener.getsockname()[1]}"

    def was_contacted(self) -> bool:
        try:
            self.listener.accept()[0].close()
        except BlockingIOError:
            return False
        return True


@pytest.fixture
def listening_address():
    """An address for hostile files. Tests assert that nothing has connected to it."""
    listening = ListeningAddress()
    with socket.create_connection(listening.listener.getsockname()):
        assert listening.was_contacted() and not listening.was_contacted(), "the connection was not noticed"
    yield listening
    listening.listener.close()
