"""The config's drills name vendors and regions that somebody has."""

from monitor.catalogue import load_catalogue
from monitor.drillcheck import drill_problems
from monitor.settings import Config


def test_names_that_nobody_has() -> None:
    config = Config.model_validate({
        "regions": {"cn": {}}, "endpoints": [{"name": "house", "base_url": "http://10.0.0.1/v1"}],
        "drills": [{"vendor": "claude", "regions": ["cn"]}, {"vendor": "house"}, {"vendor": "klaude"},
                   {"vendor": "openai", "regions": ["cnn"]}]})
    assert list(drill_problems(config, load_catalogue())) == [
        "drills[2].vendor: unknown vendor 'klaude' (did you mean claude?); `vendorwatch vendors` lists them",
        "drills[3].regions: no region 'cnn' (did you mean cn?); there are: cn"]
