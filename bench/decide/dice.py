"""Chance that depends on nothing but what is asked: the same (key, second) always falls the same way."""

from statistics import NormalDist
from zlib import crc32

MASK = (1 << 64) - 1
_GOLDEN, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
NORMALS = tuple(NormalDist().inv_cdf((i + 0.5) / 4096) for i in range(4096))      # indexed by twelve bits


def key(*parts: object) -> int:
    """A 64-bit key from anything that prints the same in every process."""
    text = "\x1f".join(map(str, parts)).encode()
    return (crc32(text) << 32 | crc32(text[::-1] + b"!")) & MASK


def bits(of: int, at: int) -> int:
    """64 mixed bits (splitmix64) for a key at a second."""
    x = (of + at * _GOLDEN) & MASK
    x = ((x ^ x >> 30) * _FIRST) & MASK
    x = ((x ^ x >> 27) * _SECOND) & MASK
    return x ^ x >> 31


def unit(of: int, at: int) -> float:
    """Uniform in [0, 1)."""
    return bits(of, at) * 2.0 ** -64
