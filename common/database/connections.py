"""Connections to the database, a few of which all requests of a web server share (docs/adr/0008)."""

from django.db import connection


def release_connection() -> None:
    """Give this thread's connection back before slow work without queries. Does nothing inside a transaction.

    The next query takes another connection.
    """
    if not connection.in_atomic_block:
        connection.close()
