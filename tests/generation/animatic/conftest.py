import pytest


@pytest.fixture(autouse=True)
def one_drawing_for_all():
    """Draw every clip here instead of sharing drawings (tests/drawn_once.py)."""
