"""Stand-in vendors: real TLS servers on loopback that speak the dialects and fail on a script.

For tests, the demo and drills. They are reached through a vantage's `hosts`, so everything but the place where the
packets land is the real thing.
"""
