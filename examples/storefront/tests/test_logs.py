import unittest

from logs import as_text, merged, requests, slowest, visitors

LINES = [f"10.0.{i % 7}.{i % 251} GET /product/{i % 40} {i * 13 % 900}ms" for i in range(1000)]


class Logs(unittest.TestCase):
    def test_a_request_is_taken_apart(self):
        self.assertEqual(requests(["10.0.0.1 GET /tea 12ms", "restarted"]), [("10.0.0.1", "/tea", 12)])

    def test_a_day_of_requests(self):
        self.assertEqual(len(requests(LINES)), 1000)

    def test_visitors_in_the_order_they_came(self):
        self.assertEqual(visitors([("b", "/", 1), ("a", "/", 1), ("b", "/tea", 1)]), ["b", "a"])
        self.assertEqual(len(visitors(requests(LINES))), 1000)

    def test_logs_of_several_servers_become_one(self):
        self.assertEqual(merged([["a"], [], ["b", "c"]]), ["a", "b", "c"])
        self.assertEqual(len(merged([LINES[i : i + 10] for i in range(0, 1000, 10)])), 1000)

    def test_the_slowest_request(self):
        self.assertEqual(slowest(requests(LINES))[2], 899)

    def test_a_table_has_a_line_per_request(self):
        self.assertEqual(as_text(requests(LINES)).count("\n"), 1000)
        self.assertEqual(as_text([]), "")
