"""Pictures for the tests, drawn by code: a person before a wall, a group, a landscape, a drawing, and odd files."""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

SKIN, SHIRT, HAIR = (150, 180, 228), (150, 70, 40), (35, 40, 60)


def add_grain(bgr: np.ndarray, seed: int = 1, strength: float = 7.0) -> np.ndarray:
    """Return a picture with camera noise."""
    noise = np.random.default_rng(seed).normal(0, strength, bgr.shape)
    return np.clip(cv2.GaussianBlur(bgr, (0, 0), 0.8) + noise, 0, 255).astype(np.uint8)


def draw_wall(width: int, height: int) -> np.ndarray:
    yy, xx = np.mgrid[0:height, 0:width].astype(np.float32)
    return np.dstack([170 + 30 * xx / width, 176 - 30 * yy / height, 160 + 0 * xx]).astype(np.uint8)


def draw_person(bgr: np.ndarray, x: float, top: float, size: float) -> None:
    """Draw head and shoulders; ``top`` is the top of the hair and ``size`` the height of the head."""
    at = lambda dx, dy: (round(x + dx * size), round(top + dy * size))  # noqa: E731
    axes = lambda rx, ry: (round(rx * size), round(ry * size))  # noqa: E731
    cv2.ellipse(bgr, at(0, 2.6), axes(1.15, 1.45), 0, 180, 360, SHIRT, -1, cv2.LINE_AA)
    cv2.rectangle(bgr, at(-1.15, 2.58), at(1.15, 6), SHIRT, -1)
    cv2.rectangle(bgr, at(-0.2, 0.8), at(0.2, 1.4), tuple(int(v * 0.86) for v in SKIN), -1)
    cv2.ellipse(bgr, at(0, 0.45), axes(0.44, 0.5), 0, 0, 360, HAIR, -1, cv2.LINE_AA)
    cv2.ellipse(bgr, at(0, 0.6), axes(0.34, 0.44), 0, 0, 360, SKIN, -1, cv2.LINE_AA)
    for side in (-1, 1):
        cv2.ellipse(bgr, at(0.13 * side, 0.55), axes(0.055, 0.03), 0, 0, 360, (40, 40, 40), -1, cv2.LINE_AA)
    cv2.ellipse(bgr, at(0, 0.83), axes(0.12, 0.04), 0, 0, 180, (90, 90, 170), -1, cv2.LINE_AA)


def draw_portrait(width: int = 480, height: int = 640) -> np.ndarray:
    bgr = draw_wall(width, height)
    draw_person(bgr, width * 0.5, height * 0.14, height * 0.32)
    return add_grain(bgr)


def draw_landscape(width: int = 640, height: int = 400) -> np.ndarray:
    yy, xx = np.mgrid[0:height, 0:width].astype(np.float32)
    rng = np.random.default_rng(4)
    hills = height * (0.55 + 0.08 * np.sin(xx / 60) + 0.04 * np.sin(xx / 23))
    bgr = np.where((yy < hills)[..., None], np.dstack([220 - yy / 4, 190 - yy / 5, 150 + 0 * yy]), (60, 110, 70))
    texture = cv2.resize(rng.normal(0, 26, (height // 3, width // 3)), (width, height))
    return add_grain((bgr + texture[..., None] * (yy > hills)[..., None]).clip(0, 255).astype(np.uint8))


def draw_group(width: int = 1500, height: int = 600) -> np.ndarray:
    """Return a picture of four people side by side."""
    bgr = draw_wall(width, height)
    for x in (0.13, 0.33, 0.6, 0.87):
        draw_person(bgr, x * width, height * 0.13, height * 0.28)
    return add_grain(bgr)


def draw_cartoon(width: int = 640, height: int = 400) -> np.ndarray:
    """Return flat areas with dark outlines."""
    bgr = np.full((height, width, 3), (236, 206, 160), np.uint8)
    cv2.rectangle(bgr, (0, height * 2 // 3), (width, height), (96, 170, 120), -1)
    for k in range(7):
        centre = (40 + k * width // 7, height // 2 + 40 * (k % 3))
        cv2.circle(bgr, centre, 44, (120 + 15 * k, 90, 220 - 20 * k), -1, cv2.LINE_AA)
        cv2.circle(bgr, centre, 44, (30, 24, 40), 3, cv2.LINE_AA)
    return bgr


def save_picture(bgr: np.ndarray, path: Path, **options) -> Path:
    Image.fromarray(bgr[..., ::-1]).save(path, **options)
    return path


def write_unusual_files(folder: Path) -> dict[str, Path]:
    """Write one file of every unusual kind that users upload. Returns name → path."""
    person = draw_portrait()
    files = {
        "tiny": save_picture(cv2.resize(person, (64, 64)), folder / "tiny.png"),
        "panorama": save_picture(np.tile(draw_landscape(1024, 100), (1, 8, 1)), folder / "panorama.png"),
        "white": save_picture(np.full((300, 400, 3), 255, np.uint8), folder / "white.png"),
        "black": save_picture(np.zeros((300, 400, 3), np.uint8), folder / "black.png"),
        "drawing": save_picture(draw_cartoon(), folder / "drawing.webp", quality=90),
        "group": save_picture(draw_group(), folder / "group.jpg", quality=90),
        "portrait": save_picture(person, folder / "portrait.jpg", quality=90),
        "landscape": save_picture(draw_landscape(), folder / "landscape.jpg", quality=90),
    }
    alpha = np.zeros((500, 400, 4), np.uint8)
    cv2.circle(alpha, (200, 220), 120, (200, 160, 90, 255), -1, cv2.LINE_AA)
    Image.fromarray(alpha, "RGBA").save(folder / "holes.png")
    Image.fromarray(person[..., ::-1]).convert("CMYK").save(folder / "cmyk.jpg")
    Image.fromarray(person[..., ::-1]).convert("L").save(folder / "grey.png")
    Image.fromarray(person[..., 1].astype(np.uint16) * 256).save(folder / "deep.png")
    Image.fromarray(person[..., ::-1]).convert("P").save(folder / "palette.gif")
    turned = Image.fromarray(person[..., ::-1]).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x112] = 6
    turned.save(folder / "phone.jpg", exif=exif)
    names = ("holes.png", "cmyk.jpg", "grey.png", "deep.png", "palette.gif", "phone.jpg")
    return files | {name.split(".")[0]: folder / name for name in names}
