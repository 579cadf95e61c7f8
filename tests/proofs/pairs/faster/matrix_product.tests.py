import pytest

from subject import product


def test_a_small_product():
    assert product([[1, 2], [3, 4]], [[5, 6], [7, 8]]) == [[19, 22], [43, 50]]


@pytest.mark.parametrize("size", [6, 10])
def test_the_unit_matrix_changes_nothing(size):
    unit = [[int(i == j) for j in range(size)] for i in range(size)]
    other = [[i * size + j for j in range(size)] for i in range(size)]
    assert product(other, unit) == other


def test_shapes_must_fit():
    with pytest.raises(ValueError):
        product([[1, 2]], [[1, 2]])
