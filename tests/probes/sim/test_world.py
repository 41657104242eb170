"""The newest line that matches decides; nobody matches means served."""

from probes.sim.world import Asker, Behaviour, Line, World


def test_the_newest_matching_line_wins() -> None:
    world = World()
    world.say(Line(Behaviour.GEO, provider="openai", address="127.0.0.2"))
    newest = world.say(Line(Behaviour.DOWN, provider="openai"))

    assert world.behaviour(Asker("openai", "127.0.0.2")) is Behaviour.DOWN
    world.unsay(newest)
    assert world.behaviour(Asker("openai", "127.0.0.2")) is Behaviour.GEO
    assert world.behaviour(Asker("openai", "127.0.0.3")) is Behaviour.SERVE
