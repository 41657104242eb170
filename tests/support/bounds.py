"""How many false alarms a promise that is kept may come to: what statistical tests hold a count against."""

import math


def most_alarms(mean: float, error: float = 1e-6) -> int:
    """The least n with P(Poisson(mean) > n) <= error."""
    n, term = 0, math.exp(-mean)
    below = term
    while 1.0 - below > error:
        n, term = n + 1, term * mean / (n + 1)
        below += term
    return n
