"""Inputs of fal's video models, from their documentation; unknown inputs are refused.

A line: the path, then its inputs; * is required, (a/b) are the only values, 3..15 are texts of numbers, # is a number.
"""

import base64
import binascii
import re

SAFE = "enable_safety_checker enable_prompt_expansion"
TABLE = """
fal-ai/bytedance/seedance/v1.5/pro/text-to-video *prompt aspect_ratio(21:9/16:9/4:3/1:1/3:4/9:16/auto) duration(4..12) resolution(480p/720p/1080p) seed# generate_audio? camera_fixed?
fal-ai/bytedance/seedance/v1.5/pro/image-to-video *prompt *image_url! end_image_url! aspect_ratio(21:9/16:9/4:3/1:1/3:4/9:16/auto) duration(4..12) resolution(480p/720p/1080p) seed# generate_audio?
bytedance/seedance-2.5/text-to-video *prompt aspect_ratio(auto/21:9/16:9/4:3/1:1/3:4/9:16) duration(4..30) resolution(480p/720p/1080p) generate_audio?
bytedance/seedance-2.5/image-to-video *prompt *image_url! end_image_url! aspect_ratio(auto) duration(4..30) resolution(480p/720p/1080p) generate_audio?
bytedance/seedance-2.5/reference-to-video *prompt image_urls! aspect_ratio(auto/21:9/16:9/4:3/1:1/3:4/9:16) duration(4..30) resolution(480p/720p/1080p) generate_audio?
bytedance/seedance-2.0/text-to-video *prompt aspect_ratio duration(4..12) resolution(480p/720p/1080p/4k) seed# generate_audio?
bytedance/seedance-2.0/image-to-video *prompt *image_url! aspect_ratio duration(4..12) resolution(480p/720p/1080p/4k) seed# generate_audio?
fal-ai/kling-video/v3/pro/text-to-video *prompt aspect_ratio(16:9/9:16/1:1) duration(3..15) generate_audio? negative_prompt cfg_scale#
fal-ai/kling-video/v3/pro/image-to-video *prompt *start_image_url! end_image_url! duration(3..15) generate_audio? negative_prompt cfg_scale#
fal-ai/kling-video/v2.6/pro/text-to-video *prompt aspect_ratio(16:9/9:16/1:1) duration(5/10) generate_audio? negative_prompt
fal-ai/kling-video/v2.6/pro/image-to-video *prompt *start_image_url! end_image_url! duration(5/10) generate_audio? negative_prompt
fal-ai/kling-video/v2.5-turbo/pro/text-to-video *prompt aspect_ratio(16:9/9:16/1:1) duration(5/10) negative_prompt cfg_scale#
fal-ai/kling-video/v2.5-turbo/pro/image-to-video *prompt *image_url! tail_image_url! duration(5/10) negative_prompt cfg_scale#
fal-ai/wan/v2.7/text-to-video *prompt aspect_ratio(16:9/9:16/1:1/4:3/3:4) duration(2..15) resolution(720p/1080p) seed# negative_prompt
fal-ai/wan/v2.7/image-to-video prompt image_url! end_image_url! duration(2..15) resolution(720p/1080p) seed# negative_prompt
wan/v2.6/text-to-video *prompt aspect_ratio(16:9/9:16/1:1/4:3/3:4) duration(5/10/15) resolution(720p/1080p) seed# negative_prompt
wan/v2.6/image-to-video *prompt *image_url! duration(5/10/15) resolution(720p/1080p) seed# negative_prompt
fal-ai/wan-25-preview/text-to-video *prompt aspect_ratio(16:9/9:16/1:1/4:3/3:4) duration(2..15) resolution(720p/1080p) seed# negative_prompt
fal-ai/wan-25-preview/image-to-video *prompt *image_url! duration(5/10) resolution(480p/720p/1080p) seed# negative_prompt
fal-ai/wan/v2.2-a14b/text-to-video/turbo *prompt aspect_ratio(16:9/9:16/1:1) resolution(480p/580p/720p) seed#
fal-ai/wan/v2.2-a14b/image-to-video/turbo *prompt *image_url! end_image_url! aspect_ratio(auto/16:9/9:16/1:1) resolution(480p/580p/720p) seed#
fal-ai/minimax/hailuo-2.3/standard/text-to-video *prompt duration(6/10) prompt_optimizer?
fal-ai/minimax/hailuo-2.3/standard/image-to-video *prompt *image_url! duration(6/10) prompt_optimizer?
fal-ai/minimax/hailuo-02/standard/image-to-video *prompt *image_url! end_image_url! duration(6/10) resolution(512P/768P)
fal-ai/veo3.1 *prompt aspect_ratio(16:9/9:16) duration(4s/6s/8s) generate_audio? negative_prompt resolution(720p/1080p) seed#
fal-ai/veo3.1/fast *prompt aspect_ratio(16:9/9:16) duration(4s/6s/8s) generate_audio? negative_prompt resolution(720p/1080p) seed#
fal-ai/veo3.1/image-to-video *prompt *image_url! aspect_ratio(auto/16:9/9:16) duration(4s/6s/8s) generate_audio? negative_prompt resolution(720p/1080p) seed#
fal-ai/veo3.1/first-last-frame-to-video *prompt *first_frame_url! *last_frame_url! aspect_ratio(auto/16:9/9:16) duration(4s/6s/8s) generate_audio? negative_prompt resolution(720p/1080p/4k) seed#
fal-ai/veo3.1/reference-to-video *prompt *image_urls! aspect_ratio(16:9/9:16) duration generate_audio? resolution(720p/1080p/4k)
fal-ai/vidu/q3/text-to-video *prompt aspect_ratio(16:9/9:16/4:3/3:4/1:1) audio? duration# resolution(360p/540p/720p/1080p) seed#
fal-ai/vidu/q3/image-to-video prompt *image_url! end_image_url! audio? duration# resolution(360p/540p/720p/1080p) seed#
fal-ai/pixverse/v6/text-to-video *prompt aspect_ratio duration# generate_audio_switch? negative_prompt resolution(360p/540p/720p/1080p) seed# style
fal-ai/pixverse/v6/image-to-video *prompt *image_url! duration# generate_audio_switch? negative_prompt resolution(360p/540p/720p/1080p) seed# style
fal-ai/ltx-2.3/text-to-video *prompt aspect_ratio(16:9/9:16) duration(6/8/10) fps generate_audio? resolution(1080p/1440p/2160p)
fal-ai/ltx-2.3/image-to-video *prompt *image_url! end_image_url! aspect_ratio(auto/16:9/9:16) duration(6/8/10) generate_audio? resolution(1080p/1440p/2160p)
someone/own-model/v1 *prompt aspect_ratio duration resolution seed# image_url! end_image_url!
"""  # noqa: E501
INPUT = re.compile(r"(\*?)(\w+)(?:\(([^)]*)\)|([#!?]))?")


def _parse_inputs(definitions: list[str]) -> dict:
    return {found[2]: found for text in definitions if (found := INPUT.fullmatch(text))}


MODELS = {line.split()[0]: _parse_inputs(line.split()[1:] + SAFE.split()) for line in TABLE.strip().splitlines()}


def find_error(path: str, body: dict, uploads=()) -> tuple[str, str, str] | None:
    """Return field, message and type of the first invalid input. ``uploads`` are links to pictures at fal."""
    inputs = MODELS[path]
    for name, found in inputs.items():
        if found[1] and not body.get(name):
            return name, "Field required", "missing"
    for name, value in body.items():
        if name not in inputs:
            return name, "Extra inputs are not permitted", "extra_forbidden"
        if not _is_valid(inputs[name], value, uploads):
            return name, f"Input should be {inputs[name][3] or inputs[name][4] or 'a string'}", "literal_error"
    return None


def _is_valid(found: re.Match, value, uploads) -> bool:
    if found[3] is not None:
        return isinstance(value, str) and value in _parse_choices(found[3])
    if found[4] == "#":
        return isinstance(value, int) and not isinstance(value, bool)
    if found[4] == "?":
        return isinstance(value, bool)
    if found[4] == "!":
        return all(item in uploads or is_picture(item) for item in (value if isinstance(value, list) else [value]))
    return isinstance(value, str)


def _parse_choices(text: str) -> list[str]:
    if found := re.fullmatch(r"(\d+)\.\.(\d+)", text):
        return [str(n) for n in range(int(found[1]), int(found[2]) + 1)]
    return text.split("/")


def is_picture(value) -> bool:
    head, _, content = str(value).partition(";base64,")
    try:
        return head.startswith("data:image/") and bool(base64.b64decode(content, validate=True))
    except binascii.Error:
        return False
