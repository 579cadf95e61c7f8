"""Two short lists added, spread into a new one instead."""


def command(program, arguments):
    return program + arguments
