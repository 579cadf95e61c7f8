from subject import settings


def test_keys_and_values():
    assert settings("a=1\nb=x=y\n\nc") == {"a": "1", "b": "x=y", "c": ""}


def test_a_longer_file():
    assert len(settings("\n".join(f"name{i}=value {i}" for i in range(80)))) == 80


def test_nothing():
    assert settings("") == {}
