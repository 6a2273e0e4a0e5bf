"""Run a command of manage.py, with a sentence instead of a traceback if the database is away or locked."""

import sys

from django.core.management import execute_from_command_line
from django.db.utils import InterfaceError, OperationalError


def run(arguments: list[str]) -> None:
    """Run the command. Exits with a sentence at an outage of the database."""
    try:
        execute_from_command_line(arguments)
    except (InterfaceError, OperationalError) as error:
        from common.web.outages import find_outage  # not above: only an error waits for it

        if not (outage := find_outage(error)):
            raise
        sys.exit(f"Stopped: {outage} ({str(error).strip().partition(chr(10))[0]}). Try again in a moment.")
