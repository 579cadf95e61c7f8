from subject import weighted

ARGUMENTS = (list(range(200)),)


def test_weighted():
    assert weighted(*ARGUMENTS) > 0
