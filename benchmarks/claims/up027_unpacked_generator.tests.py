from subject import fields

ARGUMENTS = (["length ", " 5", "mm "],)


def test_fields():
    assert fields(*ARGUMENTS) == "length5mm"
