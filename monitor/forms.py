"""The forms a single value of vendorwatch.yaml may have: durations, names, addresses. Pure; each says what it expects.

What was written is not repeated where a form does not fit: people paste keys where a name belongs (law 7).
"""

import re
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
SHORTEST = timedelta(milliseconds=1)
LONGEST = timedelta(days=3650)      # beyond some point no calendar can add it to now
OFTENEST = timedelta(seconds=1)     # of asking: probing must not cause the ban (law 11)
# ISO 3166-1 (as in the tz database), and Kosovo's customary XK
_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
"""
_COUNTRIES = frozenset(_CODES.split())


def parse_duration(value: object) -> timedelta:
    """'60s', '5m', '1h', '2d' -> timedelta, above zero and at most LONGEST. Raises ValueError."""
    if isinstance(value, timedelta):
        return value
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd])", value.strip()) if isinstance(value, str) else None
    length_s = float(match[1]) * _SECONDS[match[2]] if match else 0.0
    if length_s < SHORTEST.total_seconds():
        raise ValueError("expected a duration above zero such as 60s, 5m, 1h or 2d; write number and unit")
    if length_s > LONGEST.total_seconds():
        raise ValueError(f"expected a duration of at most {LONGEST.days}d; shorten it")
    return timedelta(seconds=length_s)


def _written(value: timedelta) -> str:
    return f"{value.total_seconds():.15g}s"       # :g alone writes 1e+06


def _not_too_often(value: timedelta) -> timedelta:
    if value < OFTENEST:
        raise ValueError(f"expected at least {OFTENEST.seconds}s between two probes; a vendor may bar who asks oftener")
    return value


def _zone_name(value: str) -> str:
    try:
        ZoneInfo(value)
    except (OSError, ValueError, KeyError) as error:     # ZoneInfoNotFoundError is a KeyError
        raise ValueError("expected a time zone such as UTC or Asia/Shanghai; change the name") from error
    return value


def _there_is(value: str) -> str:
    """A code that is nobody's would bind or allow nobody, and look like a wish that was heard."""
    if value not in _COUNTRIES:
        raise ValueError("expected the code of a country there is (ISO 3166) such as CN, DE or GB; change the value")
    return value


def _without_password(value: str) -> str:
    if "@" in value.split("/")[2]:
        raise ValueError("expected an address without user and password; name the key's variable in key_env")
    return value


def _address(value: str) -> str:
    try:
        ip_address(value)
    except ValueError as error:
        raise ValueError("expected an IP address of this machine such as 10.0.0.5; change the value") from error
    return value


def _form(pattern: str, expected: str) -> tuple[AfterValidator, WithJsonSchema]:
    """A text of one form, for us and for the editor that reads the JSON schema."""
    def check(value: str) -> str:
        if re.fullmatch(pattern, value) is None:
            raise ValueError(f"expected {expected}; change the value")
        return value

    return AfterValidator(check), WithJsonSchema({"type": "string", "pattern": f"^(?:{pattern})$"})


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(_written),
    WithJsonSchema({"type": "string", "pattern": r"^\d+(\.\d+)?\s*[smhd]$", "examples": ["60s", "5m", "1h"]}),
]
Pause = Annotated[Duration, AfterValidator(_not_too_often)]
# Names become parts of a check's key, whose separators they must not hold.
Name = Annotated[str, *_form(r"[^\s/@|]+", "a name without spaces, / @ or |")]
EnvName = Annotated[str, *_form(
    r"[A-Za-z_][A-Za-z0-9_]*", "the name of an environment variable such as OPENAI_API_KEY, never the key itself")]
Url = Annotated[str, *_form(r"https?://[^\s/]+(/\S*)?", "a URL such as https://host/v1"),
                AfterValidator(_without_password)]
ProxyUrl = Annotated[str, *_form(
    r"(https?|socks5h?)://[^\s/]+/?", "a proxy such as http://host:3128 or socks5://host:1080")]
Country = Annotated[str, *_form(r"[A-Z]{2}", "a country's two capital letters such as CN"),
                    AfterValidator(_there_is)]
Host = Annotated[str, *_form(r"[A-Za-z0-9.-]+(:\d+)?", "a host such as www.example.com, or host:port")]
Address = Annotated[str, AfterValidator(_address)]
# With its zone, or without: then of the clock that the section or the config names.
Time = Annotated[datetime, WithJsonSchema({
    "type": "string", "examples": ["2026-12-01T22:00", "2026-12-01T22:00:00Z", "2026-12-01T22:00+08:00"]})]
ZoneName = Annotated[str, AfterValidator(_zone_name)]


_SPANS = {"hour": 3600, "day": 86400, "week": 604_800, "month": 2_592_000, "year": 31_536_000}


def parse_rate(value: object) -> timedelta:
    """'1/day', '2/90 days', '1/year' -> the time to one. Raises ValueError."""
    if isinstance(value, timedelta):
        return value
    match = re.fullmatch(r"(\d+)\s*/\s*(\d*)\s*(hour|day|week|month|year)s?", value.strip()) if isinstance(
        value, str) else None
    if match is None or not int(match[1]) or match[2] == "0":
        raise ValueError("expected so many in so long, such as 1/day, 1/week, 1/90 days or 1/year")
    length = timedelta(seconds=int(match[2] or 1) * _SPANS[match[3]] / int(match[1]))
    if not OFTENEST <= length <= LONGEST:
        raise ValueError(f"expected between one a second and one in {LONGEST.days} days; change the number")
    return length


Rate = Annotated[
    timedelta, BeforeValidator(parse_rate),
    PlainSerializer(lambda value: f"1/{max(1, round(value.total_seconds() / 3600))} hours", return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d+\s*/\s*\d*\s*(hour|day|week|month|year)s?$"}),
]
