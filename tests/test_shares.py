"""Tests are divided into shares."""

import pytest

from tests import shares


def test_shares_contain_each_test_once_and_have_about_the_same_size():
    divided = [shares.select(list(range(50)), f"{k}/6") for k in range(1, 7)]

    assert sorted(number for share in divided for number in share) == list(range(50))
    assert {len(share) for share in divided} == {8, 9}


@pytest.mark.parametrize("share", ["0/6", "7/6", "6", "a/6", ""])
def test_an_unknown_share_is_refused(share):
    with pytest.raises(ValueError, match="is no share"):
        shares.select([], share)
