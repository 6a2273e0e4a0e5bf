import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from studio.models import Character


@pytest.fixture
def browser(sign_in, mika):
    return sign_in(mika)


@pytest.fixture
def aki(mika, create_story):
    """Aki, a character in a story of Mika's."""
    story = create_story(mika)
    return Character.objects.create(
        workspace=story.workspace, story=story, created_by=mika, name="Aki", description="long red hair, a yukata"
    )


@pytest.fixture
def picture_file():
    """``picture_file("red")`` returns an image upload of one colour."""

    def create(colour="red"):
        raw = io.BytesIO()
        Image.new("RGB", (128, 128), colour).save(raw, "PNG")
        return SimpleUploadedFile(f"{colour}.png", raw.getvalue(), content_type="image/png")

    return create
