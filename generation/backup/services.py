"""Back up the site to a folder, and restore it from there."""

from dataclasses import dataclass, field
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.functions import Now
from django.utils import timezone

from accounts import maintenance
from accounts.models import User, Workspace
from common.hooks import OwnedFile
from generation.backup import database
from generation.backup.manifest import FILES, BackupFailed, Entry, Manifest, describe_file, find_damage, read_manifest
from generation.media import storage
from generation.services.owned_files import list_stored_objects
from jobs.models import Job

SUFFIXES = {"sqlite": "sqlite3", "postgresql": "dump"}


@dataclass
class Report:
    """What a backup did. ``changed``: keys of files whose content is not what their rows say."""

    manifest: Manifest | None = None
    copied: int = 0
    changed: list[str] = field(default_factory=list)


def back_up(folder: Path) -> Report:
    """Write database and files to the folder, in which files of an earlier backup are kept if they are unchanged.

    The database comes first; then every file is copied that it owned at that moment. Raises BackupFailed.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # it holds password hashes and private work
    (folder / FILES).mkdir(exist_ok=True)
    now, earlier = timezone.now(), read_manifest(folder)
    name = f"database-{now:%Y%m%dT%H%M%S%f}.{SUFFIXES[connection.vendor]}"
    owned = database.dump(folder / name)
    report, files = Report(), {}
    stored = {found.key: found for found in list_stored_objects()}
    for key in sorted(owned.keys() & stored.keys()):
        if entry := _keep_file(
            stored[key], owned[key], folder / FILES, earlier.files.get(key) if earlier else None, report
        ):
            files[key] = entry
    missing = sorted(key for key, file in owned.items() if file.must_exist and key not in files)
    applied = [f"{app}.{migration}" for app, migration in MigrationRecorder(connection).applied_migrations()]
    report.manifest = Manifest(
        now.isoformat(), connection.vendor, name, describe_file(folder / name), sorted(applied), files, missing
    )
    report.manifest.write(folder)
    _remove_others(folder, report.manifest)
    return report


def _keep_file(
    found: storage.StoredObject, owned: OwnedFile, folder: Path, before: Entry | None, report: Report
) -> Entry | None:
    """Return the entry of a file that is in the folder now, copied unless it is there already; None if it is gone."""
    path, changed_at = folder / found.key, found.changed_at.isoformat()
    is_known = before and (before.bytes, before.changed_at) == (found.bytes, changed_at)
    if is_known and path.is_file() and path.stat().st_size == before.bytes:
        entry = before
    else:
        try:
            entry = _copy(found.key, path, changed_at)
        except FileNotFoundError:
            return None
        report.copied += 1
    if owned.sha256 and owned.sha256 != entry.sha256:
        report.changed.append(found.key)
    return entry


def _copy(key: str, path: Path, changed_at: str) -> Entry:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        storage.download(key, part)
        entry = describe_file(part, changed_at)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return entry


def _remove_others(folder: Path, manifest: Manifest) -> None:
    """Remove what belonged to an earlier backup only."""
    for path in folder.glob("database-*"):
        if path.name != manifest.database:
            path.unlink()
    for path in (folder / FILES).rglob("*"):
        if path.is_file() and str(path.relative_to(folder / FILES)) not in manifest.files:
            path.unlink()


def read_sound_manifest(folder: Path) -> Manifest:
    """Return the manifest of a backup that can be restored here. Raises BackupFailed."""
    manifest = read_manifest(folder)
    if manifest is None:
        raise BackupFailed(f"{folder} has no complete backup.")
    if manifest.vendor != connection.vendor:
        raise BackupFailed(f"The backup is of {manifest.vendor}, and this site has {connection.vendor}.")
    known = {f"{app}.{name}" for app, name in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}
    if newer := sorted(set(manifest.migrations) - known):
        raise BackupFailed(f"The backup is of a newer version, which has {newer[-1]}.")
    if damage := list(find_damage(manifest, folder)):
        raise BackupFailed("The backup is damaged:\n" + "\n".join(damage))
    return manifest


def has_tables() -> bool:
    return Workspace._meta.db_table in connection.introspection.table_names()


def has_rows() -> bool:
    return has_tables() and any(model.objects.exists() for model in (User, Workspace, Job))


def restore(folder: Path, manifest: Manifest) -> None:
    """Replace database and files by those of the backup. Maintenance is on afterwards. Raises BackupFailed."""
    if has_tables():
        maintenance.begin()
        if busy := Job.objects.active().filter(lease_until__gt=Now()).count():
            raise BackupFailed(
                f"Workers are at {busy} steps. Stop the workers, or wait a minute, and start again. Maintenance is on; "
                "nothing else was changed."
            )
    for key, entry in manifest.files.items():
        _put_back(folder / FILES / key, key, entry)
    database.load(folder / manifest.database)
    call_command("migrate", verbosity=0, interactive=False)


def _put_back(path: Path, key: str, entry: Entry) -> None:
    """Store a file unless storage has the same."""
    if not (storage.get_size(key) == entry.bytes and storage.compute_sha256(key) == entry.sha256):
        storage.store_file(path, key)
