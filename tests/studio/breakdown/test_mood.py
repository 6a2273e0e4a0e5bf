"""The mood of a story's music, from its words in three languages."""

import pytest

from studio.breakdown.mood import choose_mood


@pytest.mark.parametrize(
    ("mood", "texts"),
    [
        ("tense", ["Two cats fight in a storm.", "A boy runs through the rain.", "男孩在暴风雨里奔跑", "嵐の中で戦う"]),
        ("mysterious", ["A ghost in the fog at night.", "雨夜，女孩在雾中寻找幽灵", "霧の夜の幽霊"]),
        ("playful", ["Two cats run a ramen shop on the moon.", "两只猫在月球上开拉面店", "猫のパーティー"]),
        ("hopeful", ["A boy begins a journey at dawn.", "一只猫头鹰在黎明飞翔", "少年は夜明けに旅に出る"]),
        ("gentle", ["A knight drinks tea by the sea.", "老人坐在海边", "静かな湖", ""]),
    ],
)
def test_mood_follows_the_words_of_the_story(mood, texts):
    assert {text: choose_mood(text) for text in texts} == dict.fromkeys(texts, mood)
