import pytest


@pytest.fixture(autouse=True)
def one_drawing_for_all():
    """Here every clip is drawn for good (tests/drawn_once.py)."""
