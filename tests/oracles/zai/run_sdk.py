"""zai-sdk at the Zhipu fake: create from words and from two pictures, query, and its errors."""

from oracle import FILM, PICTURE, catch_error, download, get_key, get_url, queue_faults, set_times
from zai import ZaiClient
from zai.core import APIAuthenticationError, APIReachLimitError, APIRequestFailedError

client = ZaiClient(api_key=get_key("zhipu"), base_url=f"{get_url('zhipu')}/api/paas/v4", max_retries=0)
videos = client.videos

set_times("zhipu", running=60)
created = videos.generations(
    model="cogvideox-3", prompt="a girl on a hill", quality="quality", with_audio=True, size="1920x1080", fps=30,
    duration=5, request_id="oracle-0001",
)  # fmt: skip
assert created.task_status == "PROCESSING" and created.id and created.request_id == "oracle-0001", created
assert videos.retrieve_videos_result(id=created.id).task_status == "PROCESSING"

set_times("zhipu")
finished = videos.retrieve_videos_result(id=created.id)
assert finished.task_status == "SUCCESS", finished
assert download(finished.video_result[0].url) == FILM
assert finished.video_result[0].cover_image_url

framed = videos.generations(model="cogvideox-3", prompt="from here to there", image_url=[PICTURE] * 2, quality="speed")
assert videos.retrieve_videos_result(id=framed.id).task_status == "SUCCESS"
for image in (PICTURE, "https://media.studio.example/first.png"):
    moving = videos.generations(model="vidu2-image", prompt="wind", image_url=image, duration=4, aspect_ratio="16:9")
    assert videos.retrieve_videos_result(id=moving.id).task_status == "SUCCESS"

duplicate = catch_error(
    APIRequestFailedError, lambda: videos.generations(model="cogvideox-3", prompt="x", request_id="oracle-0001")
)
assert "1231" in str(duplicate.response.text), duplicate
for fault, kind in (
    ("auth", APIAuthenticationError),
    ("quota", APIReachLimitError),
    ("invalid", APIRequestFailedError),
):
    queue_faults("zhipu", "submit", fault)
    catch_error(kind, lambda: videos.generations(model="cogvideox-3", prompt="x"))
