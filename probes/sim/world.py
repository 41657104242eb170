"""What the stand-in vendors do, to whom, now: a table that a script changes while the servers run."""

from dataclasses import dataclass, field
from enum import StrEnum


class Behaviour(StrEnum):
    """How a stand-in treats one asker."""

    SERVE = "serve"
    GEO = "geo"                    # the vendor's own way to refuse a country
    BAN = "ban"                    # … and an account
    DOWN = "down"                  # 503 from the origin
    OVERLOADED = "overloaded"
    LIMITED = "limited"
    BILLING = "billing"
    RETIRED = "retired"            # the model is gone; the listing says so too
    RESET = "reset"                # TCP reset at once
    SILENT = "silent"              # accepts, then never says a word
    CUT = "cut"                    # resets in the middle of an answer
    WRONG = "wrong"                # answers, but wrongly
    SLOW = "slow"
    NO_TOOLS = "no_tools"          # answers in words where a tool is to be called
    BROKEN_JSON = "broken_json"    # leaves the end of its JSON out
    PICKY = "picky"                # refuses a history that holds anybody's thinking


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: the vendor asked, the address the packets come from, the key shown ('' for none); the host's zone."""

    provider: str
    address: str
    key: str = ""
    zone: str = "global"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table. None matches everybody."""

    behaviour: Behaviour
    provider: str | None = None
    address: str | None = None
    key: str | None = None
    zone: str | None = None

    def matches(self, asker: Asker) -> bool:
        return (
            self.provider in {None, asker.provider}
            and self.address in {None, asker.address}
            and self.key in {None, asker.key}
            and self.zone in {None, asker.zone}
        )


@dataclass(slots=True)
class World:
    """The table, newest line first; and a count of calls, so that a test can say who was asked with which key."""

    lines: list[Line] = field(default_factory=list)
    calls: list[Asker] = field(default_factory=list)

    def say(self, line: Line) -> Line:
        """Add a line that goes before all others. Returns it for `unsay`."""
        self.lines.insert(0, line)
        return line

    def unsay(self, line: Line) -> None:
        """Take a line away again."""
        self.lines.remove(line)

    def behaviour(self, asker: Asker) -> Behaviour:
        """What this asker gets."""
        return next((line.behaviour for line in self.lines if line.matches(asker)), Behaviour.SERVE)
