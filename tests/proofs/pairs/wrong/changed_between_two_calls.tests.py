from subject import Graph


def test_degrees():
    graph = Graph()
    for node in range(60):
        graph.connect(node, node + 1)
    assert graph.degrees()[3] == 2
