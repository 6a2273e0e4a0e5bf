"""Fixtures of the gallery's tests: two users, and works in a gallery that everybody may read."""

import pytest

from tests.factories import UserFactory
from tests.gallery import works


@pytest.fixture
def mika(db):
    """An author with the profile @mika."""
    user = UserFactory(name="Mika", email="mika@example.test")
    works.create_profile(user)
    return user


@pytest.fixture
def ren(db):
    """Another author, @ren, who is in no workspace of Mika's."""
    user = UserFactory(name="Ren", email="ren@example.test")
    works.create_profile(user)
    return user


@pytest.fixture
def public_gallery(settings):
    """Open the gallery to visitors, without a first look."""
    settings.GALLERY, settings.FIRST_LOOK = "public", "none"


@pytest.fixture
def create_clip():
    """``create_clip(mika, title="…")`` creates a ready clip with small files."""
    return works.create_clip


@pytest.fixture
def create_film():
    return works.create_film


@pytest.fixture
def publish():
    """``publish(clip, visibility="unlisted", licence="by")`` publishes a clip, film or story template."""
    return works.publish


@pytest.fixture
def work(public_gallery, mika):
    """A public work: a clip of Mika's, in a gallery that everybody may read."""
    return works.publish(works.create_clip(mika))
