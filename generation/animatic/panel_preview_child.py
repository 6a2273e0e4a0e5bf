"""Draw a panel to the file ``out``. ``panel_preview.py`` runs this file as a process:

python -I panel_preview_child.py \
    '{"panel": {…}, "cut": "1", "size": [640, 360], "seed": 0, "seconds": 4, "is_layout": false}'
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # -I leaves out the current directory

import cv2

from generation.animatic.storyboard.drawing import draw_layout, draw_still
from generation.animatic.storyboard.panel_json import read_panel

QUALITY, LAYOUT_QUALITY = 80, 95

if __name__ == "__main__":
    wanted = json.loads(sys.argv[1])
    cv2.setNumThreads(1)
    panel = read_panel(wanted["panel"], wanted["cut"])
    size, seed, is_layout = tuple(wanted["size"]), wanted["seed"], wanted["is_layout"]
    drawn = draw_layout(panel, size, seed) if is_layout else draw_still(panel, size, seed, wanted["seconds"])
    colours = cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR)
    written = cv2.imencode(".webp", colours, [cv2.IMWRITE_WEBP_QUALITY, LAYOUT_QUALITY if is_layout else QUALITY])[1]
    Path("out").write_bytes(written.tobytes())
