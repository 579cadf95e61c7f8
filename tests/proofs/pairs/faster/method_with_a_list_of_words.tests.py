import pytest

from subject import Censor


@pytest.mark.parametrize("times", [20, 60])
def test_listed_words_go(times):
    censor = Censor([f"word{i}" for i in range(80)])
    assert censor.clean("keep word3 this word79 too " * times) == " ".join(["keep this too"] * times)


def test_an_empty_text_stays_empty():
    assert Censor([]).clean("") == ""
