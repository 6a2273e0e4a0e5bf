"""Draw the covers of the story templates that come with the studio, each from one of its own scenes.

Run ``python -m scripts.draw_template_covers [KEY …]`` after changing ``studio/story_templates/bodies`` or the animatic.
"""

import os
import sys
import zlib
from pathlib import Path

import cv2

FOLDER = Path(__file__).parents[1] / "static/templates"
WIDTH, HEIGHT = 480, 270
MAX_BYTES = 25_000


def draw_cover(key: str):
    """Return the frame that the template's file names, as the animatic draws it, in BGR."""
    from generation.animatic.continuity import apply_story_place, understand_in_story
    from generation.animatic.render import render_still
    from generation.animatic.scene import Shot
    from generation.providers.adapters.local.options import apply_options
    from studio.story_templates.shipped import read_template

    template = read_template(key, "en")
    body = template.body.fill({})
    scene = body.scenes[template.cover_scene - 1]
    cast = [character for character in body.cast if character.name in scene.text]
    options: dict = {name: value for name in ("time", "camera") if (value := getattr(scene, name))}
    options["cast"] = [{"name": row.name, "kind": row.kind, "description": row.words} for row in cast]
    seed = scene.seed if scene.seed is not None else zlib.crc32(key.encode()) % 2**31
    found = understand_in_story(scene.text, options, style=body.style, seed=seed)
    drawn = apply_options(apply_story_place(found.scene, options, found.chips), options)
    return render_still(Shot(drawn, seed, WIDTH, HEIGHT, scene.seconds), template.cover_second)


def save_cover(key: str) -> None:
    frame = draw_cover(key)
    for quality in range(86, 20, -6):
        _done, data = cv2.imencode(".webp", frame, [cv2.IMWRITE_WEBP_QUALITY, quality])
        if len(data) <= MAX_BYTES:
            break
    (FOLDER / f"{key}.webp").write_bytes(data.tobytes())
    print(f"{key}: {len(data)} bytes at quality {quality}")  # noqa: T201


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from studio.story_templates.shipped import ORDER

    FOLDER.mkdir(exist_ok=True)
    for key in sys.argv[1:] or ORDER:
        save_cover(key)


if __name__ == "__main__":
    main()
