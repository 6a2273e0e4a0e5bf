import pytest


@pytest.fixture(autouse=True)
def share_drawings():
    """Draw every clip here instead of sharing drawings (tests/shared_drawings.py)."""
