"""Render the sample images of the style picker with the animatic."""

from pathlib import Path

import cv2
from django.conf import settings
from django.core.management.base import BaseCommand
from PIL import Image, ImageDraw

from generation.animatic.panels import build_panel
from generation.animatic.render import render_still
from generation.animatic.scene import STORYBOARD, Shot
from generation.animatic.understanding import understand
from generation.providers.styles import AUTOMATIC, COLOUR

WIDTH, HEIGHT = 640, 480
SIZE = (320, 240)
AUTOMATIC_PROMPT = "a girl on a hill, day"
SAMPLES = {  # style → prompt and seed that show it well
    "cel": ("a girl on a hill at sunset from behind, cherry petals", 7),
    "watercolour": ("portrait of a girl with short brown hair, smiling, morning, petals", 5),
    "shonen": ("portrait of a boy with spiky red hair, angry, day", 3),
    "seinen": ("a man in a coat on a rainy street at night", 4),
    "cyberpunk": ("a girl in a hoodie in the city at night, neon, from behind", 6),
    "chibi": ("a girl with twintails and a cat on a hill, day", 2),
    "three_d": ("a hot air balloon over the sea at dawn", 8),
    "hand_drawn": ("a school in summer, a girl with a ponytail", 9),
    "ink_wash": ("a shrine in the forest in fog, a bird", 11),
    "storyboard": ("a witch gives a letter to a cat in the library", 5),
}


class Command(BaseCommand):
    help = "Render static/styles/*.webp again."

    def add_arguments(self, parser):
        parser.add_argument("--to", type=Path, default=settings.BASE_DIR / "static/styles")

    def handle(self, *, to, **options):
        to.mkdir(parents=True, exist_ok=True)
        for style, (prompt, seed) in SAMPLES.items():
            draw_sample(prompt, style, seed).save(to / f"{style}.webp", quality=82, method=6)
            self.stdout.write(f"{style}: {prompt}")
        join_halves(*(draw_sample(AUTOMATIC_PROMPT, style, 7) for style in (STORYBOARD, COLOUR))).save(
            to / f"{AUTOMATIC}.webp", quality=82, method=6
        )


def draw_sample(prompt: str, style: str, seed: int) -> Image.Image:
    """Return the picture of a prompt in a style."""
    scene = understand(prompt, style=style, seed=seed).scene
    panel = build_panel(prompt, seed=seed, ratio=WIDTH / HEIGHT) if style == STORYBOARD else None
    frame = render_still(Shot(scene=scene, seed=seed, width=WIDTH, height=HEIGHT, seconds=4, panel=panel), 1.5)
    return Image.fromarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)).resize(SIZE, Image.Resampling.LANCZOS)


def join_halves(left: Image.Image, right: Image.Image) -> Image.Image:
    """Return a picture of the left half of one and the right half of another, cut on a slant."""
    mask = Image.new("L", SIZE, 0)
    ImageDraw.Draw(mask).polygon([(SIZE[0] * 0.6, 0), (SIZE[0], 0), SIZE, (SIZE[0] * 0.4, SIZE[1])], fill=255)
    return Image.composite(right, left, mask)
