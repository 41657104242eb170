"""vendorwatch decides and remembers: measurements become findings, findings incidents, incidents alerts and patches."""

__version__ = "0.1.0"
