"""Render the sample images of the style picker with the animatic."""

from pathlib import Path

import cv2
from django.conf import settings
from django.core.management.base import BaseCommand
from PIL import Image

from generation.animatic.render import render_still
from generation.animatic.scene import Shot
from generation.animatic.understanding import understand

WIDTH, HEIGHT = 640, 480
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
}


class Command(BaseCommand):
    help = "Render static/styles/*.webp again."

    def add_arguments(self, parser):
        parser.add_argument("--to", type=Path, default=settings.BASE_DIR / "static/styles")

    def handle(self, *, to, **options):
        to.mkdir(parents=True, exist_ok=True)
        for style, (prompt, seed) in SAMPLES.items():
            scene = understand(prompt, style=style, seed=seed).scene
            frame = render_still(Shot(scene=scene, seed=seed, width=WIDTH, height=HEIGHT, seconds=4), 1.5)
            picture = Image.fromarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)).resize(
                (320, 240), Image.Resampling.LANCZOS
            )
            picture.save(to / f"{style}.webp", quality=82, method=6)
            self.stdout.write(f"{style}: {prompt}")
