"""zai-sdk at the Zhipu fake: create from words and from two pictures, query, and its errors."""

from oracle import FILM, PICTURE, base, bytes_of, key, refused, say, times
from zai import ZaiClient
from zai.core import APIAuthenticationError, APIReachLimitError, APIRequestFailedError

client = ZaiClient(api_key=key("zhipu"), base_url=f"{base('zhipu')}/api/paas/v4", max_retries=0)
videos = client.videos

times("zhipu", running=60)
made = videos.generations(
    model="cogvideox-3", prompt="a girl on a hill", quality="quality", with_audio=True, size="1920x1080", fps=30,
    duration=5, request_id="oracle-0001",
)  # fmt: skip
assert made.task_status == "PROCESSING" and made.id and made.request_id == "oracle-0001", made
assert videos.retrieve_videos_result(id=made.id).task_status == "PROCESSING"

times("zhipu")
done = videos.retrieve_videos_result(id=made.id)
assert done.task_status == "SUCCESS", done
assert bytes_of(done.video_result[0].url) == FILM
assert done.video_result[0].cover_image_url

pair = videos.generations(model="cogvideox-3", prompt="from here to there", image_url=[PICTURE] * 2, quality="speed")
assert videos.retrieve_videos_result(id=pair.id).task_status == "SUCCESS"
videos.generations(model="vidu2-image", prompt="wind", image_url=PICTURE, duration=4, aspect_ratio="16:9")

twice = refused(
    APIRequestFailedError, lambda: videos.generations(model="cogvideox-3", prompt="x", request_id="oracle-0001")
)
assert "1231" in str(twice.response.text), twice
for fault, kind in (
    ("auth", APIAuthenticationError),
    ("quota", APIReachLimitError),
    ("invalid", APIRequestFailedError),
):
    say("zhipu", "submit", fault)
    refused(kind, lambda: videos.generations(model="cogvideox-3", prompt="x"))
