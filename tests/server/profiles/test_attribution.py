"""A profile taken elsewhere, or before an edit, still says which function here is hot; a doubt means silence."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whetstone_server.profiles import Attribution, Frame, Profile, raised

HERE = Path("/home/me/shop/orders/report.py")


def heat(own: dict[Frame, float], function: str = "build", lines: tuple[int, int] = (10, 20), total: float = 10.0):
    return Attribution(Profile("test", own, total), [HERE]).heat(HERE, function, lines)


def test_the_same_file_elsewhere_is_recognised_by_the_end_of_its_path():
    assert heat({Frame("build", "/app/shop/orders/report.py", 10): 4.0}) == 0.4


@pytest.mark.parametrize("file", ["report.py", "./orders/report.py", "orders/report.py", r"C:\shop\orders\report.py"])
def test_short_and_foreign_paths_are_recognised(file):
    assert heat({Frame("build", file, 10): 4.0}) == 0.4


@pytest.mark.parametrize("file", ["/app/other/report.py", "/app/shop/orders/reports.py", ""])
def test_another_file_says_nothing(file):
    assert heat({Frame("build", file, 10): 4.0}) is None


def test_a_file_that_could_be_two_says_nothing():
    paths = [Path("/shop/a/x/report.py"), Path("/shop/b/x/report.py")]
    profile = Profile("test", {Frame("build", "x/report.py", 10): 4.0}, 10.0)
    attribution = Attribution(profile, paths)
    assert [attribution.heat(path, "build", (10, 20)) for path in paths] == [None, None]


def test_a_file_goes_to_the_path_that_shares_most_with_it():
    paths = [Path("/shop/a/x/report.py"), Path("/shop/b/x/report.py")]
    profile = Profile("test", {Frame("build", "/app/a/x/report.py", 10): 4.0}, 10.0)
    attribution = Attribution(profile, paths)
    assert [attribution.heat(path, "build", (10, 20)) for path in paths] == [0.4, None]


def test_a_function_that_never_ran_in_a_known_file_is_cold():
    assert heat({Frame("other", "/app/orders/report.py", 50): 4.0}) == 0.0


def test_what_is_defined_inside_counts():
    own = {
        Frame("build", "orders/report.py", 10): 1.0,
        Frame("<listcomp>", "orders/report.py", 12): 2.0,
        Frame("row", "orders/report.py", 14): 3.0,
        Frame("<listcomp>", "orders/report.py", 40): 4.0,
    }
    assert heat(own) == pytest.approx(0.6)


def test_lines_that_ran_are_as_good_as_first_lines():
    own = {Frame("build", "orders/report.py", 13): 1.0, Frame("build", "orders/report.py", 17): 2.0}
    assert heat(own) == pytest.approx(0.3)


def test_a_moved_function_is_found_by_its_name():
    assert heat({Frame("build", "orders/report.py", 110): 4.0}) == 0.4


def test_a_moved_function_with_a_namesake_is_left_cold():
    own = {Frame("build", "orders/report.py", 110): 4.0, Frame("build", "orders/report.py", 210): 4.0}
    assert heat(own) == 0.0


def test_a_qualified_name_tells_methods_apart():
    own = {Frame("Order.total", "orders/report.py", 110): 4.0, Frame("Cart.total", "orders/report.py", 210): 5.0}
    assert heat(own, "Cart.total") == 0.5


def test_a_name_without_any_line_is_enough():
    assert heat({Frame("total", "orders/report.py", None): 4.0}, "Cart.total") == 0.4


def test_a_quarter_of_the_time_goes_half_the_way():
    assert raised(40, 0.25) == 70


@given(st.integers(0, 100), st.floats(0, 1), st.floats(0, 1))
def test_more_heat_never_lowers_an_impact(impact, heat, more):
    low, high = sorted((heat, more))
    assert impact <= raised(impact, low) <= raised(impact, high) <= 100
    assert raised(impact, 0.0) == impact
