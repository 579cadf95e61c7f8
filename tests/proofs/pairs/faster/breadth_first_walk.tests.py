import pytest

from subject import reachable


def test_walks_in_breadth():
    graph = {"a": ["b", "c"], "b": ["d"], "c": ["d", "a"]}
    assert reachable(graph, "a") == ["a", "b", "c", "d"]


def test_a_node_without_neighbours_reaches_itself():
    assert reachable({}, "z") == ["z"]


@pytest.mark.parametrize("size", [30, 200])
def test_a_ring_with_chords_is_reached_whole(size):
    graph = {f"n{i}": [f"n{(i + 1) % size}", f"n{(i * 7) % size}"] for i in range(size)}
    assert len(reachable(graph, "n0")) == size
