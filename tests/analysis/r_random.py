"""R's `rnorm` after `set.seed`: Mersenne Twister, normal by inversion (R's defaults)."""

import random
from statistics import NormalDist

STEPS_OF_SEED = 50
STATES = 624
BIG = 134217728
STANDARD = NormalDist()


def rnorm(count, *, seed):
    """Return the numbers that R prints for `set.seed(seed); rnorm(count)`."""
    source = _twister(seed)
    drawn = []
    for _ in range(count):
        coarse = int(BIG * _uniform(source))
        drawn.append(STANDARD.inv_cdf((coarse + _uniform(source)) / BIG))
    return drawn


def _twister(seed):
    """Fill the generator as R does: a congruential sequence, its first state thrown away."""
    for _ in range(STEPS_OF_SEED):
        seed = _scramble(seed)
    states = []
    for _ in range(STATES + 1):
        seed = _scramble(seed)
        states.append(seed)
    source = random.Random()  # noqa: S311 - R's own generator, to repeat its numbers
    source.setstate((3, (*states[1:], STATES), None))
    return source


def _scramble(seed):
    return (69069 * seed + 1) % 2**32


def _uniform(source):
    return source.getrandbits(32) * 2.3283064365386963e-10
