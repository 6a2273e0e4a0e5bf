"""Print why the site cannot listen on a port. Silent with exit code 0 if it can."""

import errno
import socket
import sys


def find_problem(text: str) -> str:
    """Return why nothing can listen on this port of the loopback interface, or "" if it is free."""
    if not text.isdigit() or not 0 < int(text) < 65536:
        return f"PORT must be a number from 1 to 65535, not {text!r}."
    port = int(text)
    taken = f"Port {port} is taken (perhaps by a Tapwari that still runs). Choose another one: PORT={port + 1} ./run"
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        # On macOS a program on the wildcard address does not prevent binding: only connecting finds it.
        with socket.socket(family) as probe:
            probe.settimeout(1)
            if probe.connect_ex((address, port)) == 0:
                return taken
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            return f"Port {port} is reserved for the system. Choose one above 1023: PORT=8000 ./run"
        except OSError as error:
            return taken if error.errno == errno.EADDRINUSE else f"Port {port} cannot be used: {error.strerror}."
    return ""


if __name__ == "__main__":
    if problem := find_problem(sys.argv[1]):
        sys.exit(problem)
