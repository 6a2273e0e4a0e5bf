"""Amounts as text: with commas and cents; below a cent with four places."""

import pytest
from django.utils.translation import override

from accounts.billing.money import describe_total, money, split_cost, unit_price


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (1_234_567_000, "$1,234.57"),
        (125_000, "$0.13"),
        (1_500, "$0.0015"),
        (10_500, "$0.01"),
        (0, "$0.00"),
        (-420_000, "-$0.42"),
        (1_000_000_000_000, "$1,000,000.00"),
    ],
)
def test_amounts_have_commas_and_cents_and_four_places_below_a_cent(amount, text):
    assert money(amount) == text


def test_prices_of_a_unit_and_rates_keep_four_places():
    assert [unit_price(amount, "CNY") for amount in (62_500, 140_000)] == ["¥0.0625", "¥0.14"]


@pytest.mark.parametrize(
    ("totals", "is_known", "text"),
    [
        ({}, True, "free"),
        ({"USD": 0}, True, "free"),
        ({"USD": 400_000, "CNY": 3_000_000}, True, "$0.40 + ¥3.00"),
        ({"USD": 400_000}, False, "at least $0.40"),
        ({"USD": 0}, False, "price unknown"),
    ],
)
def test_total_says_what_is_not_known_in_words(totals, is_known, text):
    assert describe_total(totals, is_known=is_known) == text


def test_cost_is_one_sentence_of_price_rest_and_time():
    assert "".join(split_cost("$0.40", "leaves $1.00", "about 40 s")) == "$0.40, leaves $1.00 · about 40 s"
    assert "".join(split_cost("free", wait="about 40 s")) == "free · about 40 s"
    with override("zh-hans"):
        assert "".join(split_cost("¥3.00", "剩余 ¥1.00")) == "¥3.00，剩余 ¥1.00"
