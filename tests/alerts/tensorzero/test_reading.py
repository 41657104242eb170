"""What a tensorzero.toml says: routes with their owners' marks, and what functions ask for."""

from alerts.tensorzero.reading import order, problems, providers, read, routes

TEXT = """\
[models.m]
routing = ["v", "a"]
[models.m.providers.v]
type = "gcp_vertex_anthropic"
model_id = "claude"
[models.m.providers.a]
type = "openai"
model_name = "x"
api_base = "http://127.0.0.1:1/v1"
api_key_location = { default = "env::MY_KEY", fallback = "dynamic::other" }
[functions.f]
type = "chat"
[functions.f.variants.one]
type = "chat_completion"
model = "xai::grok-4"
"""


def test_routes_tell_whose_they_are() -> None:
    found = {route.key: route for route in routes(read(TEXT))}
    assert found["models.m.providers.v"].prefix == "vertex"
    own = found["models.m.providers.a"]
    assert (own.prefix, own.key_name, own.base_url) == ("openai", "MY_KEY", "http://127.0.0.1:1/v1")
    assert "m/a" in own.also
    assert found["shorthand.xai::grok-4"].prefix == "xai"


def test_what_is_asked_and_in_which_order() -> None:
    reading = read(TEXT)
    assert reading.asked == {"f": {("functions", "f", "variants", "one", "model"): "xai::grok-4"}}
    model = reading.model("models", "m")
    assert order(model) == ("v", "a")
    assert set(providers(model)) == {"v", "a"}
    assert reading.kinds_of("m") == ("models",)
    assert not list(problems(reading))
    assert order({}) == ()
