"""Small vendored model files; README.md says where they come from. Everything works, more plainly, without them."""

from pathlib import Path

_HERE = Path(__file__).parent
SUBJECT_MASK = _HERE / "selfie_segmentation.tflite"
LINE_WEIGHTS = _HERE / "animevideov3-x2.bin"
LINE_SHAPE = _HERE / "animevideov3-x2.param"
