"""Connections to the database, of which all pages of a web server share a few (docs/adr/0008)."""

from django.db import connection


def let_go() -> None:
    """Give this thread's connection back before what takes seconds and asks for no row: others wait for one. Within a
    transaction it stays; the next query takes another one by itself."""
    if not connection.in_atomic_block:
        connection.close()
