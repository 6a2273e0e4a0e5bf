"""A fresh database for one part of the benchmark, with Django set up in this process."""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Iterator

from tests.servers import postgres, postgres_url

SETTINGS = {"DJANGO_SETTINGS_MODULE": "config.settings", "BILLING": "on", "LOG_LEVEL": "CRITICAL"}


@contextlib.contextmanager
def fresh_site(database: str, **variables: str) -> Iterator[None]:
    """Migrate a fresh "sqlite" or "postgres" database in this process's settings. ``variables``: more settings."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="tapwari-billing-"))
        os.environ |= SETTINGS | {"TAPWARI_VAR": folder, "SECRET_KEY": secrets.token_urlsafe(64)} | variables
        os.environ.pop("DATABASE_URL", None)
        if database == "postgres":
            os.environ["DATABASE_URL"] = postgres_url(stack.enter_context(postgres(fsync="on")))
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connections

        call_command("migrate", verbosity=0)
        yield
        connections.close_all()
