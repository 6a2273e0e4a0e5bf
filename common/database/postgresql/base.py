"""PostgreSQL with the pool of a web server, which answers at once while the database is away."""

import threading
import time

from django.db.backends.postgresql import base
from psycopg_pool import PoolTimeout

AWAY_SECONDS = 10.0  # after the database was found away, during which no request waits for it
WAITS = 5  # of one second each (the pool's timeout), for a connection of a database that responds
CONNECT_SECONDS = 2  # the least that libpq accepts


class Away:  # of the class, not of a connection: each request has a connection of its own, and one should find out
    """Until when this process takes the database for away, and whose turn it is to find out."""

    until = 0.0  # of time.monotonic()
    check = threading.Lock()


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params):
        """Return a connection of the pool. Raises PoolTimeout if none is free, or the database is away."""
        # The pool times out in the same way whether all its connections are in use or the server is gone. Waiting
        # helps in the first case; in the second it would keep every thread of the web server busy.
        for _ in range(WAITS):
            if time.monotonic() < Away.until:
                break
            try:
                return super().get_new_connection(conn_params)
            except PoolTimeout:
                self._check_server(conn_params)
        raise PoolTimeout("there is no connection to the database")

    def _check_server(self, conn_params) -> None:
        """Find out whether the database is away, or all connections are in use; one thread does so for all."""
        if not Away.check.acquire(blocking=False):
            return
        try:  # past the pool: only a connection of its own tells whether the server answers
            self.Database.connect(**conn_params | {"connect_timeout": CONNECT_SECONDS}).close()
        except self.Database.OperationalError:
            Away.until = time.monotonic() + AWAY_SECONDS
        finally:
            Away.check.release()
