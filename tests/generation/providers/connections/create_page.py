"""Form values and readers of the Create page, for tests of connections."""

import io
import re

from PIL import Image

FORM = {"prompt": "a cat on a roof", "provider": "echo", "ratio": "16:9", "seconds": 5, "resolution": 540}
SECOND_MODEL_FORM = FORM | {"model": "echo-2", "ratio": "1:1", "resolution": 720, "cap": "2.50"}


def picture_file(shade=200, size=(320, 200), name="photo.png"):
    file = io.BytesIO()
    Image.new("RGB", size, (shade, 20, 90)).save(file, "PNG")
    file.seek(0)
    file.name = name
    return file


def read_text(answer):
    """Return the text of a page, without tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def list_chosen(page, name):
    """Return the chosen values of the radios, options or fields with this name."""
    tags = re.findall(rf'<input[^>]*name="{name}"[^>]*>', page)
    found = [tag for tag in tags if "checked" in tag or 'type="hidden"' in tag or 'type="range"' in tag]
    options = re.findall(rf'<select[^>]*name="{name}".*?</select>', page, re.DOTALL)
    found += [tag for option in options for tag in re.findall(r"<option[^>]*selected[^>]*>", option)]
    return [re.search(r'value="([^"]*)"', tag)[1] for tag in found]
