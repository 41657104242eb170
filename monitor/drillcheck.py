"""What is wrong with the config's `drills`. Pure."""

from collections.abc import Iterator

from monitor.catalogue import Catalogue
from monitor.errors import UserError
from monitor.settings import Config
from monitor.yamlfile import near


def drill_problems(config: Config, catalogue: Catalogue) -> Iterator[str]:
    """Vendors and regions that nobody has."""
    own, names = {one.name for one in config.endpoints}, list(config.regions)
    for at, one in enumerate(config.drills):
        try:
            _ = one.vendor in own or catalogue.find(one.vendor)
        except UserError as error:
            yield f"drills[{at}].vendor: {error}"
        for name in one.regions:
            if name not in names:
                yield f"drills[{at}].regions: no region '{name}'{near(name, names)}; there are: {', '.join(names)}"
