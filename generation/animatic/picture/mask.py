"""Find the subject of an image: float mask 0..1, or None if nothing stands out clearly."""

from functools import cache

import cv2
import numpy as np

from ..canvas import smooth
from ..models import SUBJECT_MASK

NETWORK_SIDE = 256  # side of the network's square input
MIN_SHARE, MAX_SHARE = 0.035, 0.93  # share of the picture a subject may take
MAX_UNSURE = 0.45  # uncertain pixels per certain one; with more, the mask of a photo is discarded
MAX_UNSURE_DRAWN = 1.1  # the same for a drawing
MAX_BORDER_SPREAD = 17.0  # distance of border colours in Lab; with more, the background is not plain


@cache
def _load_network() -> cv2.dnn.Net | None:
    """Load the network; None if its file is missing or this OpenCV cannot read it."""
    read = getattr(cv2.dnn, "readNetFromTFLite", None)
    return read(str(SUBJECT_MASK)) if read and SUBJECT_MASK.exists() else None


def find_subject_mask(bgr: np.ndarray, drawn: bool = False) -> np.ndarray | None:
    """Return a mask of people by the network, else of one object on a plain background, else None.

    ``drawn`` marks a drawing: the network was trained on photos, so its uncertain masks of drawings are refined by
    colour. The edge of the mask is rough; ``refine_mask`` aligns it with the image.
    """
    rough = _find_by_network(bgr, drawn)
    if rough is None:
        rough = _find_by_border(bgr)
    return None if rough is None else _drop_specks(rough)


def _find_by_network(bgr: np.ndarray, drawn: bool) -> np.ndarray | None:
    out = _predict(bgr)
    if out is None:
        return None
    sure_share = float((out > 0.5).mean())
    unsure_share = float(((out > 0.15) & (out < 0.85)).mean())
    if (
        not MIN_SHARE < sure_share < MAX_SHARE
        or unsure_share > (MAX_UNSURE_DRAWN if drawn else MAX_UNSURE) * sure_share
    ):
        return None
    if unsure_share > MAX_UNSURE * sure_share:
        return _refine_by_colours(bgr, out)
    return cv2.resize(out, bgr.shape[1::-1], interpolation=cv2.INTER_LINEAR)


def _predict(bgr: np.ndarray) -> np.ndarray | None:
    """Return the network's mask of the image, float 0..1; None without a network or for sides of more than 6 : 1.

    Images of less than 2 : 1 are squeezed into one square; others are predicted in overlapping squares.
    """
    network = _load_network()
    if network is None:
        return None
    height, width = bgr.shape[:2]
    side = min(height, width)
    if max(height, width) < 2 * side:
        return _predict_square(network, bgr)
    if max(height, width) > 6 * side:
        return None
    scale = NETWORK_SIDE / side
    long = round(max(height, width) * scale)
    out = np.zeros((NETWORK_SIDE, long) if width > height else (long, NETWORK_SIDE), np.float32)
    for start in np.linspace(0, long - NETWORK_SIDE, 2 * long // NETWORK_SIDE).astype(int):
        at = int(start / scale)
        if width > height:
            part = out[:, start : start + NETWORK_SIDE]
            np.maximum(part, _predict_square(network, bgr[:, at : at + side]), out=part)
        else:
            part = out[start : start + NETWORK_SIDE]
            np.maximum(part, _predict_square(network, bgr[at : at + side]), out=part)
    return out


def _predict_square(network: cv2.dnn.Net, bgr: np.ndarray) -> np.ndarray:
    rgb = (
        cv2.resize(bgr, (NETWORK_SIDE, NETWORK_SIDE), interpolation=cv2.INTER_AREA)[..., ::-1].astype(np.float32) / 255
    )
    network.setInput(np.ascontiguousarray(rgb.transpose(2, 0, 1)[None]))
    return network.forward().reshape(NETWORK_SIDE, NETWORK_SIDE)


def _refine_by_colours(bgr: np.ndarray, believed: np.ndarray) -> np.ndarray | None:
    """Return an uncertain mask of a drawing refined by its flat colours (GrabCut); None if that fails."""
    small = cv2.resize(bgr, believed.shape[::-1], interpolation=cv2.INTER_AREA)
    trimap = np.where(believed > 0.5, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    trimap[believed > 0.93] = cv2.GC_FGD
    trimap[believed < 0.04] = cv2.GC_BGD
    found = _grab_cut(small, trimap)
    if _intersection_over_union(found, believed > 0.5) < 0.55 or _is_ragged(found):
        return None
    return cv2.resize(found, bgr.shape[1::-1], interpolation=cv2.INTER_LINEAR)


def _grab_cut(bgr: np.ndarray, trimap: np.ndarray) -> np.ndarray:
    cv2.setRNGSeed(1)
    cv2.grabCut(bgr, trimap, None, np.zeros((1, 65)), np.zeros((1, 65)), 2, cv2.GC_INIT_WITH_MASK)
    return ((trimap == cv2.GC_FGD) | (trimap == cv2.GC_PR_FGD)).astype(np.float32)


def _intersection_over_union(found: np.ndarray, rough: np.ndarray) -> float:
    """Return the intersection of two masks divided by their union."""
    return float((found * rough).sum()) / max(1.0, float(np.maximum(found, rough).sum()))


def _find_by_border(bgr: np.ndarray) -> np.ndarray | None:
    """Return the mask of one compact object on a plain background, else None.

    The object is what differs from the colours at the border of the image, refined by GrabCut.
    """
    scale = 256 / max(bgr.shape[:2])
    small = cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else bgr
    if min(small.shape[:2]) < 24:
        return None
    lab = cv2.cvtColor(small, cv2.COLOR_BGR2LAB).astype(np.float32)
    edge = max(2, min(small.shape[:2]) // 24)
    border = np.concatenate([lab[:edge].reshape(-1, 3), lab[:, :edge].reshape(-1, 3), lab[:, -edge:].reshape(-1, 3)])
    middle = np.median(border, 0)
    spread = float(np.percentile(np.linalg.norm(border - middle, axis=1), 80))
    if spread > MAX_BORDER_SPREAD:
        return None
    far = np.linalg.norm(lab - middle, axis=2)
    rough = far > max(22.0, spread * 1.8)
    if not 0.02 < float(rough.mean()) < 0.6:
        return None
    trimap = np.where(rough, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    trimap[:edge], trimap[:, :edge], trimap[:, -edge:] = cv2.GC_BGD, cv2.GC_BGD, cv2.GC_BGD
    found = _grab_cut(small, trimap)
    if _intersection_over_union(found, rough) < 0.72 or _is_ragged(found):
        return None
    return cv2.resize(found, bgr.shape[1::-1], interpolation=cv2.INTER_LINEAR)


def _is_ragged(mask: np.ndarray) -> bool:
    """Return whether a mask is empty, scattered or frayed. Such masks are noise: moving them would tear the image."""
    count, _, stats, _ = cv2.connectedComponentsWithStats((mask > 0.5).astype(np.uint8))
    if count < 2:
        return True
    areas = stats[1:, cv2.CC_STAT_AREA]
    contours, _ = cv2.findContours((mask > 0.5).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    length = sum(len(contour) for contour in contours)
    return bool(areas.max() < 0.7 * areas.sum() or length > 13 * np.sqrt(areas.sum()))


def _drop_specks(rough: np.ndarray) -> np.ndarray:
    """Remove the parts of a mask that are smaller than 12 % of its largest part."""
    mask = smooth(0.25, 0.75, rough).astype(np.float32)
    count, labels, stats, _ = cv2.connectedComponentsWithStats((mask > 0.5).astype(np.uint8))
    if count > 2:
        areas = stats[:, cv2.CC_STAT_AREA].copy()
        areas[0] = 0
        kept = np.isin(labels, np.flatnonzero(areas > areas.max() * 0.12)).astype(np.float32)
        mask = mask * cv2.GaussianBlur(kept, (0, 0), 2)
    return mask


def refine_mask(bgr: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return a mask, float 0..1, whose edge is aligned with the edges of the image (guided filter)."""
    guide = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY).astype(np.float32) / 255
    radius = max(3, round(max(bgr.shape[:2]) / 140))
    return np.clip(smooth(0.18, 0.82, _guided_filter(guide, mask, 2 * radius + 1, 2e-4)), 0, 1).astype(np.float32)


def add_outline(bgr: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the mask, float 0..1, of a drawn subject including its dark outline."""
    reach = max(3, round(max(bgr.shape[:2]) / 90))
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    grey = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)
    closed = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, around)  # the image without thin dark lines
    line = (closed.astype(np.int16) - grey > 26).astype(np.uint8)
    core = (mask > 0.5).astype(np.uint8)
    thick = max(2, reach // 2)
    near = cv2.dilate(core, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * thick + 1, 2 * thick + 1))) * line
    # only lines that touch the subject, not a fence behind it
    count, labels = cv2.connectedComponents(np.maximum(near, cv2.dilate(core, np.ones((3, 3), np.uint8))))
    kept = np.isin(labels, np.unique(labels[core > 0])) & (labels > 0) if count > 1 else core > 0
    smoothed = cv2.morphologyEx(kept.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return cv2.GaussianBlur(np.maximum(smoothed, core).astype(np.float32), (0, 0), 0.8)


def _guided_filter(guide: np.ndarray, mask: np.ndarray, window: int, softness: float) -> np.ndarray:
    """Return the mask smoothed by He's guided filter, which gives it the edges of the guide."""

    def box(x: np.ndarray) -> np.ndarray:
        return cv2.boxFilter(x, -1, (window, window))

    mean_guide, mean_mask = box(guide), box(mask)
    slope = (box(guide * mask) - mean_guide * mean_mask) / (box(guide * guide) - mean_guide**2 + softness)
    return box(slope) * guide + box(mean_mask - slope * mean_guide)
