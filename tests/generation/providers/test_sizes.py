"""Sizes in pixels: the shorter side is the resolution, and every number is even."""

from generation.providers.base import RATIOS, RESOLUTIONS, ClipRequest

SIZES = {
    "16:9": {480: (854, 480), 720: (1280, 720), 1080: (1920, 1080)},
    "9:16": {480: (480, 854), 720: (720, 1280), 1080: (1080, 1920)},
    "1:1": {480: (480, 480), 720: (720, 720), 1080: (1080, 1080)},
    "4:3": {480: (640, 480), 720: (960, 720), 1080: (1440, 1080)},
    "3:4": {480: (480, 640), 720: (720, 960), 1080: (1080, 1440)},
    "21:9": {480: (854, 366), 720: (1280, 548), 1080: (1920, 822)},
}


def test_size_in_pixels_of_every_ratio(subtests):
    for ratio in RATIOS:
        for resolution in RESOLUTIONS:
            with subtests.test(ratio=ratio, resolution=resolution):
                size = ClipRequest("a girl", ratio, 5, resolution, seed=1).size

                assert size == SIZES[ratio][resolution]
                assert size[0] % 2 == size[1] % 2 == 0


def test_every_offered_ratio_has_sizes():
    assert set(SIZES) == set(RATIOS)
    assert all(set(sizes) == set(RESOLUTIONS) for sizes in SIZES.values())
