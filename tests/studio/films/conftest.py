import io
import wave

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from studio import services
from studio.models import Scene


@pytest.fixture
def board(mika, write, work):
    """``board("a girl on a hill", "a dog by the sea")``: a story of such scenes, each with its animatic, small."""

    def drawn(*words, **fields):
        story = write(mika, *words, **{"ratio": "1:1", **fields})
        services.animate(story=story, by=mika, idem_key=f"animate-{story.pk.hex}")
        work()
        return story

    return drawn


@pytest.fixture
def change():
    """``change(story, 2, trim_in=6)``: scene 2 is changed, without anybody's history."""

    def write(story, n, **fields):
        Scene.objects.filter(story=story, position=n).update(**fields)

    return write


@pytest.fixture
def film_of(mika, key):
    """Ask for the film of a story as it stands."""

    def asked(story, **more):
        return services.request_film(**{"story": story, "by": mika, "idem_key": f"film-{key()}"} | more)

    return asked


@pytest.fixture
def tune():
    """A WAV file with a tone of so many seconds, as somebody would upload it."""

    def made(seconds=3.0, name="harbour.wav"):
        wave_of = np.sin(2 * np.pi * 330 * np.arange(int(48_000 * seconds)) / 48_000)
        buffer = io.BytesIO()
        with wave.open(buffer, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(48_000)
            file.writeframes((wave_of * 9000).astype("<i2").tobytes())
        return SimpleUploadedFile(name, buffer.getvalue(), "audio/wav")

    return made
