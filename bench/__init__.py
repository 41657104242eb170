"""Benchmarks: each file prints figures beside a yardstick measured in the same run, and returns 1 where a goal is missed."""
