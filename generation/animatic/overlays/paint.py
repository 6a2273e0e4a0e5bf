"""The type of an overlay: a function that paints onto a frame."""

from collections.abc import Callable

import numpy as np

Paint = Callable[[np.ndarray, float], None]
"""Changes a frame (uint8, height × width × 4, opaque BGRA) in place; the second argument is its time in seconds."""
