"""Deciding: worlds that know their truth, what we say of them, and what the peers' rules would have said."""
