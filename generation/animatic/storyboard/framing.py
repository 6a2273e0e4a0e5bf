"""Where the picture is on its sheet, and how much of a drawing the camera sees, without what draws."""

INSET = (0.03, 0.05, 0.97, 0.80)  # the picture on the sheet: left, top, right, bottom
WIDE = 1.3  # size of the drawing over which the camera pans or tilts, in pictures


def get_still_window(camera: str) -> tuple[float, float, float, float]:
    """Return the part of the drawing that a still shows: left, top, right, bottom, in parts of the drawing."""
    side = (WIDE - 1) / WIDE / 2
    x, y = side * camera.startswith("pan"), side * camera.startswith("tilt")
    return x, y, 1 - x, 1 - y
