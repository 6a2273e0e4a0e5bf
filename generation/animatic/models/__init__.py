"""Small vendored model files; README.md names their sources. Without them, the animatic uses simpler methods."""

from pathlib import Path

_HERE = Path(__file__).parent
SUBJECT_MASK = _HERE / "selfie_segmentation.tflite"
LINE_WEIGHTS = _HERE / "animevideov3-x2.bin"
LINE_SHAPE = _HERE / "animevideov3-x2.param"
