import unittest

from routes import distances, shortest_ways

# Streets lead from the shop straight to six hundred corners, and from each corner on to the next.
TOWN = {corner: [corner + 1] for corner in range(1, 600)}
TOWN[0] = list(range(1, 601))
TOWN[600] = []


class Routes(unittest.TestCase):
    def test_corners_are_as_far_as_the_streets_between(self):
        away = distances({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": [], "e": []}, "a")
        self.assertEqual(away, {"a": 0, "b": 1, "c": 1, "d": 2})

    def test_a_whole_town(self):
        self.assertEqual(set(distances(TOWN, 0).values()), {0, 1})

    def test_ways_to_a_corner(self):
        self.assertEqual(shortest_ways(2, 2), 6)
        self.assertEqual(shortest_ways(7, 6), 1716)
