"""Draw a still of a panel at once, in a child process: the web server loads nothing that draws."""

import base64
import json
import sys
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from common import safe_json
from generation.media.child_process import MIB, ChildLimits, private_directory, run_child
from generation.media.picture_children import MOST_CHILDREN, Turns

from .storyboard.panel import Panel
from .storyboard.panel_json import PanelRefused, read_panel, write_panel

CHILD = Path(__file__).with_name("panel_preview_child.py")
LIMITS = ChildLimits(memory=1024 * MIB, cpu_seconds=10, file_bytes=4 * MIB, wall_seconds=10, silent_seconds=10)
WAIT_SECONDS = 10.0  # longest wait for a free child
AREA, LAYOUT_AREA = 640 * 360, 1280 * 720  # pixels of a preview and of a layout, whatever their shape
MAX_PACKED, MAX_JSON = 8000, 64_000  # characters of a packed panel, and bytes of it unpacked
_turns = Turns(MOST_CHILDREN)


class PreviewFailed(Exception):
    """The panel could not be drawn in time. The text is for the log."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A panel to be drawn. ``ratio``: width ÷ height. ``seconds``: written on the sheet.

    ``is_layout``: the drawing alone, large, for a model that draws by it.
    """

    panel: Panel
    ratio: float
    seed: int
    seconds: float
    is_layout: bool = False

    @property
    def size(self) -> tuple[int, int]:
        height = ((LAYOUT_AREA if self.is_layout else AREA) / self.ratio) ** 0.5
        return round(height * self.ratio / 2) * 2, round(height / 2) * 2


def draw_preview(preview: Preview, person: str = "") -> bytes:
    """Return the still as WebP. One is drawn at a time for each ``person``. Raises PreviewFailed."""
    wanted = {
        "panel": write_panel(preview.panel),
        "cut": preview.panel.cut,
        "size": preview.size,
        "seed": preview.seed,
        "seconds": preview.seconds,
        "is_layout": preview.is_layout,
    }
    command = [sys.executable, "-I", str(CHILD), json.dumps(wanted)]
    with private_directory(Path(tempfile.gettempdir())) as directory:
        with _turns.take(person, WAIT_SECONDS) as has_turn:
            if not has_turn:
                raise PreviewFailed("too many are being drawn")
            outcome = run_child(command, directory=directory, limits=LIMITS)
        if outcome.ended != "done":
            raise PreviewFailed(f"{outcome.ended}: {outcome.errors[-500:]}")
        return (directory / "out").read_bytes()


def pack_panel(panel: Panel) -> str:
    """Return the panel as text for an address."""
    plain = json.dumps(write_panel(panel), separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(zlib.compress(plain.encode(), 9)).decode()


def unpack_panel(text: str, cut: str = "1") -> Panel:
    """Return the panel of an address. Raises PanelRefused for any other text."""
    try:
        packed = base64.urlsafe_b64decode(text[:MAX_PACKED])
        return read_panel(safe_json.parse(zlib.decompressobj().decompress(packed, MAX_JSON)), cut)
    except (ValueError, zlib.error) as error:
        raise error if isinstance(error, PanelRefused) else PanelRefused("staging_invalid", what="panel") from error
