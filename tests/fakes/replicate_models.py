"""Schemas of a few models, in the styles that Replicate has."""

import base64
import binascii

TEXT, WHOLE, FLAG = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
LINK = {"type": "string", "format": "uri"}
RATIOS = ["16:9", "9:16", "1:1", "4:3", "3:4", "21:9"]


def ref(name: str) -> dict:
    return {"allOf": [{"$ref": f"#/components/schemas/{name}"}]}


def model(inputs: dict, required=("prompt",), **named) -> dict:
    return {"Input": {"type": "object", "required": list(required), "properties": {"prompt": TEXT} | inputs}} | {
        name: {"title": name, "enum": choices, "type": "integer" if isinstance(choices[0], int) else "string"}
        for name, choices in named.items()
    }


VEO = {
    "image": LINK, "last_frame": LINK, "duration": ref("duration"), "aspect_ratio": ref("aspect_ratio"),
    "resolution": ref("resolution"), "generate_audio": FLAG, "seed": WHOLE, "negative_prompt": TEXT,
}  # fmt: skip
VEO_CHOICES = {"duration": [4, 6, 8], "aspect_ratio": ["16:9", "9:16"], "resolution": ["720p", "1080p"]}
SCHEMAS = {
    "bytedance/seedance-1-pro": model(
        {"image": LINK, "duration": WHOLE, "seed": WHOLE, "aspect_ratio": ref("aspect_ratio"),
         "resolution": ref("resolution"), "camera_fixed": FLAG},
        aspect_ratio=RATIOS, resolution=["480p", "720p", "1080p"],
    ),
    "bytedance/seedance-2.5": model(
        {"image": LINK, "duration": WHOLE, "seed": WHOLE, "aspect_ratio": ref("aspect_ratio"),
         "resolution": ref("resolution")},
        aspect_ratio=RATIOS, resolution=["480p", "720p"],
    ),
    "wan-video/wan-2.5-t2v": model(
        {"duration": ref("duration"), "size": ref("size"), "seed": WHOLE, "negative_prompt": TEXT},
        duration=[5, 10],
        size=["832*480", "480*832", "624*624", "1280*720", "720*1280", "960*960", "1920*1080", "1080*1920"],
    ),
    "wan-video/wan-2.2-t2v-fast": model(
        {"num_frames": WHOLE, "frames_per_second": WHOLE | {"default": 16}, "seed": WHOLE,
         "aspect_ratio": TEXT | {"enum": ["16:9", "9:16"]}, "resolution": TEXT | {"enum": ["480p", "720p"]}},
    ),
    "wan-video/wan-2.2-i2v-fast": model(
        {"image": LINK, "last_image": LINK, "num_frames": WHOLE, "frames_per_second": WHOLE | {"default": 16},
         "seed": WHOLE, "resolution": TEXT | {"enum": ["480p", "720p"]}},
        required=("prompt", "image"),
    ),
    "kwaivgi/kling-v2.5-turbo-pro": model(
        {"start_image": LINK, "end_image": LINK, "duration": ref("duration"), "negative_prompt": TEXT,
         "aspect_ratio": ref("aspect_ratio")},
        duration=[5, 10], aspect_ratio=["16:9", "9:16", "1:1"],
    ),
    "minimax/hailuo-2.3": model(
        {"first_frame_image": LINK, "duration": ref("duration"), "resolution": ref("resolution"),
         "prompt_optimizer": FLAG},
        duration=[6, 10], resolution=["768p", "1080p"],
    ),
    "google/veo-3.1": model(VEO | {"reference_images": {"type": "array", "items": LINK}}, **VEO_CHOICES),
    "google/veo-3.1-fast": model(VEO, **VEO_CHOICES),
    "pixverse/pixverse-v5": model(
        {"image": LINK, "last_frame_image": LINK, "end_image": LINK, "duration": ref("duration"), "seed": WHOLE,
         "negative_prompt": TEXT, "aspect_ratio": ref("aspect_ratio"), "quality": ref("quality")},
        duration=[5, 8], aspect_ratio=["16:9", "9:16", "1:1"], quality=["360p", "540p", "720p", "1080p"],
    ),
    "lightricks/ltx-2-pro": model(
        {"image": LINK, "duration": ref("duration"), "generate_audio": FLAG,
         "resolution": TEXT | {"enum": ["1080p", "1440p", "2160p"]}},
        duration=[6, 8, 10],
    ),
}  # fmt: skip
KINDS = {"string": str, "integer": int, "boolean": bool, "array": list}


def find_error(schema: dict | None, body, files: set[str]) -> str:
    """Return Replicate's message for the first invalid input; empty if all are valid or the schema is unknown."""
    if not isinstance(body, dict):
        return "input: is required"
    if schema is None:
        return ""
    for name in schema["Input"]["required"]:
        if name not in body:
            return f"{name}: is required"
    errors = (_find_input_error(schema, name, value, files) for name, value in body.items())
    return next((item for item in errors if item), "")


def _find_input_error(schema: dict, name: str, value, files: set[str]) -> str:
    properties = schema["Input"]["properties"]
    if name not in properties:
        return f"{name}: additional property is not allowed"
    facts = dict(properties[name])
    for item in facts.get("allOf", ()):
        facts |= schema[item["$ref"].rpartition("/")[2]]
    if type(value) is not KINDS[facts["type"]]:
        return f"{name}: must be {facts['type']}"
    if "enum" in facts and value not in facts["enum"]:
        return f"{name}: must be one of {facts['enum']}"
    links = value if isinstance(value, list) else [value] if facts.get("format") == "uri" else []
    is_invalid = any(item not in files and not read_picture(item) for item in links)
    return f"{name}: does not match format 'uri'" if is_invalid else ""


def read_picture(value: str) -> bytes:
    head, _, content = value.partition(";base64,")
    try:
        return base64.b64decode(content, validate=True) if head.startswith("data:") else b""
    except binascii.Error:
        return b""
