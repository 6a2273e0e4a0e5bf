"""Convert the pictures of the props that the animatic draws from SVG paths to polygons.

Run after adding a prop to ``generation/animatic/props/props.toml``: ``python -m scripts.build_props NODE_MODULES``,
where NODE_MODULES holds the npm package named in ``generation/animatic/props/README.md``, in an environment with
fonttools.
"""

import json
import math
import re
import sys
import tomllib
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
from fontTools.misc.transform import Transform
from fontTools.pens.recordingPen import RecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.svgLib.path import parse_path
from fontTools.svgLib.path.shapes import PathBuilder

PROPS = Path(__file__).parents[1] / "generation/animatic/props"
PACKAGE = "@iconify-json/fluent-emoji-flat"
GRID = 50  # steps per unit of the pictures, which are 32 units wide
DRAWN = ("path", "circle", "ellipse", "rect")
Shape = tuple[str, list[np.ndarray]]


def read_shapes(body: str) -> list[Shape]:
    """Return the filled shapes of a picture, back to front: colour (``#rrggbb``) and outlines in units."""
    root = ElementTree.fromstring(f'<svg xmlns:xlink="x">{body}</svg>')  # noqa: S314  the pinned package, run by hand
    gradients = {
        element.get("id"): [stop.get("stop-color", "#000") for stop in element.iter("stop")]
        for element in root.iter()
        if element.tag.endswith("Gradient")
    }
    hidden = {child for defs in root.iter("defs") for child in defs.iter()}
    shapes: list[Shape] = []
    for element in root.iter():
        fill = element.get("fill", "")
        if element.tag not in DRAWN or element in hidden or fill in ("", "none"):
            continue
        colour = _choose_colour(fill, gradients)
        shapes += [(colour, outlines) for outlines in _split(element, _read_outlines(element))]
    return shapes


def _choose_colour(fill: str, gradients: dict[str | None, list[str]]) -> str:
    """Return a colour as ``#rrggbb``; that of a gradient is the mean of its stops."""
    reference = re.match(r"url\(#(.+)\)", fill)
    colours = [_expand(colour) for colour in (gradients[reference[1]] if reference else [fill])]
    mean = np.mean([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in colours], axis=0)
    return "#" + "".join(f"{round(float(value)):02x}" for value in mean)


def _expand(colour: str) -> str:
    return "#" + "".join(digit * 2 for digit in colour[1:]) if len(colour) == 4 else colour


def _read_outlines(element: ElementTree.Element) -> list[np.ndarray]:
    builder, pen = PathBuilder(), RecordingPen()
    turn = re.fullmatch(r"rotate\((\S+) (\S+) (\S+)\)", element.attrib.pop("transform", "rotate(0 0 0)"))
    if turn is None:
        raise ValueError(f"unknown transform of a {element.tag}")
    angle, x, y = map(float, turn.groups())
    transform = Transform().translate(x, y).rotate(math.radians(angle)).translate(-x, -y)
    builder.add_path_from_element(element)
    for path in builder.paths:
        parse_path(path, TransformPen(pen, transform))
    outlines: list[list[tuple[float, float]]] = []
    for operator, points in pen.value:
        if operator == "moveTo":
            outlines.append([points[0]])
        elif operator == "lineTo":
            outlines[-1].append(points[0])
        elif operator in ("curveTo", "qCurveTo"):
            outlines[-1] += _flatten([outlines[-1][-1], *points])
    return [np.array(outline) for outline in outlines if len(outline) > 2]


def _flatten(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return points of a Bézier curve of degree two or three after its start, close enough for 1080 lines."""
    control = np.array(points)
    bend = float(np.abs(np.diff(control, 2, axis=0)).sum())
    t = np.linspace(0, 1, 2 + int(5 * bend**0.5))[1:, None, None]
    curve = np.broadcast_to(control, (len(t), *control.shape))
    while curve.shape[1] > 1:  # de Casteljau
        curve = curve[:, :-1] * (1 - t) + curve[:, 1:] * t
    return [(x, y) for x, y in curve[:, 0].tolist()]


def _split(element: ElementTree.Element, outlines: list[np.ndarray]) -> list[list[np.ndarray]]:
    """Return the outlines as one shape with holes, or as shapes of their own where overlaps would become holes."""
    if element.get("fill-rule") == "evenodd" or len(outlines) < 2:
        return [outlines]
    winding = np.zeros((320, 320), np.int32)
    for outline in outlines:
        around = 1 if cv2.contourArea(outline.astype(np.float32), oriented=True) > 0 else -1
        winding += around * (_fill([outline]) > 0)
    differing = np.count_nonzero((winding != 0) != (_fill(outlines) > 0))
    return _group(outlines) if differing > 60 else [outlines]


def _group(outlines: list[np.ndarray]) -> list[list[np.ndarray]]:
    """Return each outline with its holes: the outlines inside that run the other way."""
    areas = [cv2.contourArea(outline.astype(np.float32), oriented=True) for outline in outlines]
    around = areas[int(np.argmax(np.abs(areas)))] > 0
    shapes = [[outline] for outline, area in zip(outlines, areas, strict=True) if (area > 0) == around]
    for outline, area in zip(outlines, areas, strict=True):
        point = tuple(float(v) for v in outline[0])
        holders = [s for s in shapes if cv2.pointPolygonTest(s[0].astype(np.float32), point, measureDist=False) >= 0]
        if (area > 0) != around and holders:
            min(holders, key=lambda shape: cv2.contourArea(shape[0].astype(np.float32))).append(outline)
    return shapes


def _fill(outlines: list[np.ndarray]) -> np.ndarray:
    mask = np.zeros((320, 320), np.uint8)
    cv2.fillPoly(mask, [np.round(outline * 10).astype(np.int32) for outline in outlines], 1)
    return mask


def main(node_modules: Path) -> None:
    package = node_modules / PACKAGE
    icons = json.loads((package / "icons.json").read_text("utf-8"))["icons"]
    groups = tomllib.loads((PROPS / "props.toml").read_text("utf-8"))["groups"]
    target = PROPS / "artwork.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        rows = {kind: row for group in groups for kind, row in group["props"].items() if not row.get("drawn")}
        for kind, row in sorted(rows.items()):
            shapes = [
                [colour, [np.round(outline * GRID).astype(int).ravel().tolist() for outline in outlines]]
                for number, (colour, outlines) in enumerate(read_shapes(icons[kind.replace("_", "-")]["body"]))
                if number not in row.get("skip", ())
            ]
            data = json.dumps(shapes, separators=(",", ":"))
            archive.writestr(zipfile.ZipInfo(kind), data, zipfile.ZIP_DEFLATED)  # without a date
    sys.stdout.write(f"{target.name}: {target.stat().st_size} bytes\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
