from subject import opposite


def test_points_are_mirrored():
    points = [(i + 1.0, i - 0.5) for i in range(100)]
    assert opposite(points)[1] == (-2.0, -0.5)
