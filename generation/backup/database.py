"""Dump the database at one moment, and load a dump in place of it."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from common.hooks import OwnedFile
from generation.backup.manifest import BackupFailed
from generation.services.owned_files import list_owned_files

# The site is closed from the moment at which the restored rows are there, so that no worker takes a step of theirs.
CLOSE = "INSERT INTO {}accounts_maintenance (id, since) VALUES (1, CURRENT_TIMESTAMP) ON CONFLICT DO NOTHING"
TLS_OPTIONS = ("sslmode", "sslrootcert", "sslcert", "sslkey")  # of the URL; libpq reads PGSSLMODE and so on


def dump(path: Path) -> dict[str, OwnedFile]:
    """Write the database to ``path``. Returns key → file of what its rows own, read at the same moment."""
    return _dump_sqlite(path) if connection.vendor == "sqlite" else _dump_postgres(path)


def load(path: Path) -> None:
    """Replace the database by a dump, with maintenance on. All or nothing."""
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.VAR_DIR) as folder:
        if connection.vendor == "sqlite":
            _load_sqlite(path, Path(folder) / "database")
        else:
            _load_postgres(path, Path(folder) / "script.sql")
    connection.close()


def _dump_sqlite(path: Path) -> dict[str, OwnedFile]:
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")  # of reading only: writers go on
        try:
            cursor.execute("SELECT count(*) FROM sqlite_master").fetchone()  # the moment that is read from here on
            with closing(sqlite3.connect(path)) as target:
                connection.connection.backup(target)
                target.execute("PRAGMA journal_mode=DELETE")  # one file
            return list_owned_files()
        finally:
            cursor.execute("COMMIT")


def _load_sqlite(path: Path, copy: Path) -> None:
    shutil.copyfile(path, copy)
    with closing(sqlite3.connect(copy)) as source:
        source.execute(CLOSE.format(""))
        source.commit()
        connection.ensure_connection()
        source.backup(connection.connection)


def _dump_postgres(path: Path) -> dict[str, OwnedFile]:
    with closing(connection.get_new_connection(connection.get_connection_params())) as keeper:
        keeper.autocommit = True
        keeper.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        (snapshot,) = keeper.execute("SELECT pg_export_snapshot()").fetchone()
        _run("pg_dump", "--format=custom", "--no-owner", "--no-acl", f"--snapshot={snapshot}", f"--file={path}")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET TRANSACTION SNAPSHOT %s", [snapshot])
            return list_owned_files()


def _load_postgres(path: Path, script: Path) -> None:
    tables = ", ".join(map(connection.ops.quote_name, connection.introspection.table_names()))
    connection.close()
    _run("pg_restore", "--no-owner", "--no-acl", "--clean", "--if-exists", f"--file={script}", str(path))
    drop = ["--command", f"DROP TABLE {tables} CASCADE"] if tables else []
    close = ["--command", CLOSE.format("public.")]
    _run(
        "psql",
        "--no-psqlrc",
        "--quiet",
        "--set=ON_ERROR_STOP=1",
        "--single-transaction",
        *drop,
        f"--file={script}",
        *close,
    )


def _run(program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL on the database of the settings. Its password is in the environment only."""
    facts = connection.settings_dict
    where = {"PGHOST": facts["HOST"], "PGPORT": facts["PORT"], "PGUSER": facts["USER"], "PGDATABASE": facts["NAME"]}
    where |= {"PGPASSWORD": facts["PASSWORD"]}
    where |= {f"PG{name.upper()}": facts["OPTIONS"].get(name) for name in TLS_OPTIONS}
    env = os.environ | {name: str(value) for name, value in where.items() if value}
    env |= {"PGOPTIONS": "-c lock_timeout=30s"}
    try:
        subprocess.run([program, *arguments], env=env, check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise BackupFailed(f"{program} is missing: install the client programs of PostgreSQL.") from None
    except subprocess.CalledProcessError as error:
        raise BackupFailed(f"{program} failed: {error.stderr.strip()}") from error
