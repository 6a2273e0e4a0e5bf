"""Move a site: its files from a folder to the bucket of the settings, its rows from SQLite to PostgreSQL."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import batched
from pathlib import Path

from django.apps import apps
from django.core.management.color import no_style
from django.db import DatabaseError, connection, connections, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model

from accounts.models import Maintenance
from common.hooks import SiteHooks
from generation.backup.manifest import BackupFailed, describe_file
from generation.media import storage

SOURCE = "source"  # alias of the SQLite file
BATCH = 500  # rows
SEARCH = "search"  # app whose rows are built again, since the databases index differently


@dataclass
class FileReport:
    """``failed``: keys of files whose copy is not what is in the folder."""

    copied: int = 0
    skipped: int = 0
    failed: list[str] = field(default_factory=list)


def copy_files(folder: Path) -> FileReport:
    """Copy each file of the folder that storage does not have yet, and read its copy again."""
    report = FileReport()
    for path in _list_files(folder):
        key, entry = str(path.relative_to(folder)), describe_file(path)
        if storage.get_size(key) == entry.bytes and storage.compute_sha256(key) == entry.sha256:
            report.skipped += 1
            continue
        storage.store_file(path, key)
        report.copied += 1
        if storage.compute_sha256(key) != entry.sha256:
            report.failed.append(key)
    return report


def _list_files(folder: Path) -> Iterator[Path]:
    for name in SiteHooks.merged("owned_files"):
        yield from sorted(path for path in (folder / name).rglob("*") if path.is_file())


def copy_rows(path: Path) -> dict[str, int]:
    """Copy all rows of the SQLite file into the empty database of the settings. Returns table → number of rows.

    All or nothing. Raises BackupFailed.
    """
    facts = {"default": {}, SOURCE: {"ENGINE": "django.db.backends.sqlite3", "NAME": path}}
    connections.settings[SOURCE] = connections.configure_settings(facts)[SOURCE]
    _check_migrations()
    if not Maintenance.objects.using(SOURCE).exists():
        raise BackupFailed(
            "The site is open. Close it first, on SQLite: manage.py maintenance on. Nothing was changed."
        )
    models = list_models()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            tables = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in models)
            cursor.execute(f"TRUNCATE {tables} CASCADE")  # what migrations wrote
            for model in models:
                _copy_table(model)
            for statement in connection.ops.sequence_reset_sql(no_style(), models):
                cursor.execute(statement)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            return _compare_counts(models)
    except DatabaseError as error:
        raise BackupFailed(f"PostgreSQL refuses rows of SQLite: {error} Nothing was changed.") from error


def list_models() -> list[type[Model]]:
    """Return the models of all tables that are copied."""
    found = apps.get_models(include_auto_created=True)
    return [
        model for model in found if model._meta.managed and not model._meta.proxy and model._meta.app_label != SEARCH
    ]


def _check_migrations() -> None:
    source = set(MigrationRecorder(connections[SOURCE]).applied_migrations())
    if source != set(MigrationRecorder(connection).applied_migrations()):
        raise BackupFailed(
            "Both databases need the same migrations: run manage.py migrate on each. Nothing was changed."
        )


def _copy_table(model: type[Model]) -> None:
    """Copy the rows as they are. ``raw`` keeps columns that a save would set, such as the time of creation."""
    rows = model._base_manager.using(SOURCE).order_by("pk").iterator(chunk_size=BATCH)
    fields = [column for column in model._meta.local_concrete_fields if not column.generated]
    for batch in batched(rows, BATCH):
        target = model._base_manager.using("default")
        target._insert(list(batch), fields=fields, using="default", raw=True)  # type: ignore[attr-defined]


def _compare_counts(models: list[type[Model]]) -> dict[str, int]:
    counts = {}
    for model in models:
        table = model._meta.db_table
        counts[table] = model._base_manager.using("default").count()
        if counts[table] != (expected := model._base_manager.using(SOURCE).count()):
            raise BackupFailed(f"{table} has {counts[table]} rows, not {expected}. Nothing was changed.")
    return counts
