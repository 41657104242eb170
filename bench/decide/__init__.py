"""Deciding: worlds that know their truth, what we say of them, and what the peers' rules would have said."""


def main() -> int:
    """The bench: see run.py for longer ones."""
    from bench.decide.run import main as run  # `python -m bench.decide.worlds` needs none of it
    return run()
