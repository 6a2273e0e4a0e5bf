"""Tests are divided into shares."""

import re
from pathlib import Path

import pytest

from tests import shares


def test_shares_contain_each_test_once_and_have_about_the_same_size():
    divided = [shares.select(list(range(50)), f"{k}/6") for k in range(1, 7)]

    assert sorted(number for share in divided for number in share) == list(range(50))
    assert {len(share) for share in divided} == {8, 9}


def test_each_test_of_the_deep_leg_is_in_one_sixth():
    parts = re.search(r'parts="(.*)" # PART=SHARE', Path("test").read_text())[1].replace("=", "").split()
    numbers = list(range(50))

    assert len(shares.SIXTHS) == 6
    for part in parts:
        selected = [shares.select(numbers, sixth[part]) for sixth in shares.SIXTHS if part in sixth]
        assert sorted(number for share in selected for number in share) == numbers, part
    assert {part for sixth in shares.SIXTHS for part in sixth} == set(parts)


@pytest.mark.parametrize("share", ["0/6", "7/6", "6", "a/6", ""])
def test_an_unknown_share_is_refused(share):
    with pytest.raises(ValueError, match="is no share"):
        shares.select([], share)


@pytest.mark.parametrize("number", ["0", "7", "12", "", "a"])
def test_an_unknown_sixth_is_refused(number):
    with pytest.raises(SystemExit, match="is no sixth"):
        shares.main(number)
