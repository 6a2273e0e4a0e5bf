"""A folder for what the worker processes of one test run share."""

import os
from pathlib import Path


def get_shared_folder(tmp_path_factory) -> Path:
    """Return a temporary folder of this run, the same in all its worker processes."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
