"""The demo: the real house on a clock sped up, against stand-in vendors that follow a story."""
