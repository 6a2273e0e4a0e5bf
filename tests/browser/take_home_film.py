"""Make the film of the home page and the README as a guest, in both languages. `make film` runs this.

It writes the first panel, the film and its poster for the home page, and its panels side by side for the README.
"""

import io
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect, sync_playwright

from generation.media import ffmpeg
from tests.browser.conftest import FLAGS
from tests.browser.site import ROOT, running_site

IDEAS = {
    "en": "A hedgehog opens an umbrella shop in the desert. Nobody comes, until one day it rains.",
    "zh": "一只刺猬在沙漠里开了一家雨伞店，没有人来，直到有一天下起了雨。",
}
LOCALES = {"en": "en-GB", "zh": "zh-CN"}
TIMEOUT_MS = 120_000
SCENES, SCENE_S = 3, 4.0
WIDTH = 640  # pixels, of the film and of each panel
PANEL_SCENES = {"en": 0, "zh": 1}  # the one that shows the shop, counted from 0
POSTER_SCENE = 2


def make_film(page, idea: str) -> bytes:
    """Make a film of the idea on the home page. Returns the file that a guest downloads."""
    page.goto("/")
    page.locator("#ask").fill(idea)
    page.locator("button[formaction]").click()
    download = page.locator("a[download], a[href*=download]").first
    expect(page.locator("cel-player")).to_be_visible(timeout=TIMEOUT_MS)
    address = download.get_attribute("href", timeout=TIMEOUT_MS)
    return page.request.get(address).body()


def run_ffmpeg(*arguments) -> None:
    subprocess.run([ffmpeg.find_binary(), "-hide_banner", "-loglevel", "error", "-y", *arguments], check=True)


def read_frame(film: Path, second: float, folder: Path) -> Image.Image:
    file = folder / "frame.png"
    run_ffmpeg("-ss", f"{second:.2f}", "-i", film, "-frames:v", "1", file)
    return Image.open(io.BytesIO(file.read_bytes())).convert("RGB")


def write_picture(picture: Image.Image, path: Path) -> None:
    picture.save(path, "WEBP", quality=80, method=6)
    sys.stdout.write(f"{path.relative_to(ROOT)}  {path.stat().st_size // 1000} kB\n")


def save_film(film: Path, language: str, folder: Path) -> None:
    """Write what the home page and the README show of a film."""
    panels = []
    for number in range(SCENES):  # near the end of each scene, when its panel is complete
        panel = read_frame(film, (number + 0.85) * SCENE_S, folder)
        panels.append(panel.resize((WIDTH, round(panel.height * WIDTH / panel.width)), Image.Resampling.LANCZOS))
    write_picture(panels[PANEL_SCENES[language]], ROOT / f"static/art/idea-panel-{language}.webp")
    write_picture(panels[POSTER_SCENE], ROOT / f"static/art/idea-film-{language}.webp")
    sheet = Image.new("RGB", (SCENES * WIDTH, panels[0].height), "white")
    for number, panel in enumerate(panels):
        sheet.paste(panel, (number * WIDTH, 0))
    write_picture(sheet, ROOT / f"docs/screens/film-{language}.webp")
    video = ROOT / f"static/demo/idea-{language}.mp4"
    sound = ["-c:a", "aac", "-b:a", "64k"]
    settings = ["-vf", f"scale={WIDTH}:-2,fps=12", *sound, "-c:v", "libx264", "-preset", "veryslow", "-crf", "30"]
    run_ffmpeg("-i", film, *settings, "-pix_fmt", "yuv420p", "-movflags", "+faststart", video)
    sys.stdout.write(f"{video.relative_to(ROOT)}  {video.stat().st_size // 1000} kB\n")


def main() -> None:
    temporary = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)  # a worker may still write its last lines
    with temporary as folder, running_site(Path(folder)) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for language, idea in IDEAS.items():
            page = browser.new_context(base_url=site.url, locale=LOCALES[language]).new_page()
            film = Path(folder) / "film.mp4"
            film.write_bytes(make_film(page, idea))
            save_film(film, language, Path(folder))
        browser.close()


if __name__ == "__main__":
    main()
