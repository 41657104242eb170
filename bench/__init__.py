"""Benchmarks: each prints a figure beside a yardstick of the same run; 1 where a goal is missed."""
