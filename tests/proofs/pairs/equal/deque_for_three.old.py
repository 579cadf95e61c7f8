"""A handful of items taken from the front, of a deque that is made for them."""


def in_turn(jobs):
    queue = list(jobs)
    done = []
    while queue:
        done.append(queue.pop(0))
    return done
