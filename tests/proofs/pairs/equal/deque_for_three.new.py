"""A handful of items taken from the front, of a deque that is made for them."""

from collections import deque


def in_turn(jobs):
    queue = deque(jobs)
    done = []
    while len(queue) > 0:
        job = queue[0]
        queue.popleft()
        done.append(job)
    return done
