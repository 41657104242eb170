"""`vendorwatch config`: write a first config, say everything that is wrong with one, print its JSON schema."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from monitor.errors import UserError

if TYPE_CHECKING:
    from monitor.config import Config

EXIT_PROBLEM = 2
ConfigOption = Annotated[Path | None, typer.Option("--config", "-c", help="The file; otherwise the usual places.")]
TargetArgument = Annotated[Path, typer.Argument(help="The file to write.")]

TEMPLATE = """\
# vendorwatch.yaml – every key is optional: without this file all vendors are asked, without a key, from here.
# `vendorwatch config check` says what is wrong; `vendorwatch config schema` gives your editor the whole form.
# Durations are written 60s, 5m, 1h. Secrets are names of environment variables, never the secrets themselves.

language: en            # or zh
timezone: UTC           # zone of the times in alerts, such as Asia/Shanghai
# database: vendorwatch.db      # a path, or postgresql+psycopg://… ; default: the state folder
# retention_days: 90

regions:
  here: {}              # this machine, directly
  # shanghai: {country: CN, vantages: [{proxy: "socks5://10.0.0.5:1080"}]}

# vendors:              # none named: all that can be asked without a key. `vendorwatch vendors` lists them
#   claude: {expect: {shanghai: restricted}}    # refusal there is no news; its end is
#   kimi: {checks: {reachability: {every: 30s}}, max_per_minute: 60}     # never ask faster than your contract allows

# accounts:             # each key goes to its own host only, and only from its own region
#   - {name: claude-main, vendor: claude, key_env: ANTHROPIC_API_KEY, region: here}

# endpoints:            # vLLM, SGLang, Ollama or a relay of your own
#   - {name: our-vllm, base_url: "http://10.0.0.7:8000/v1", model: qwen3-32b}

use_keys: false         # true: use the keys found in the usual variables
budget:                 # hard, by the day and month of UTC; a month is 31 days' worth where nothing is said of it
  usd_per_day: 0.50
  tokens_per_day: 500000
  each_vendor: {tokens_per_day: 33000}
  # vendors: {claude: {usd_per_day: 0.20, usd_per_month: 3}}

channels:
  console: {type: console}
  # team: {type: slack, webhook_env: SLACK_WEBHOOK_URL}

# gateways:
#   litellm: {type: litellm, file: litellm.yaml, mode: propose}
# workloads:            # what your apps ask for; docs/readiness.md has all the keys
#   smart: {primary: claude, fallbacks: [kimi, glm], needs: [tools, json, streaming]}

# maintenance:          # nothing of it is told meanwhile; times without a zone are of `timezone`, here or above
#   - {cron: "30 23 * * 6", for: 2h, vendors: [kimi], because: our Saturday backup}
#   - {interval: "2026-12-01T22:00/PT4H", timezone: Asia/Shanghai, regions: [here], because: moving the racks}

policy:
  reminders: [1h, 4h, 24h]
  # budgets: {suspect: 1/day, warn: 1/week, confirm: 1/90 days, patch: 1/year}    # false alarms you accept, of a stream
  # rules:              # the first that says something of a matter decides it; `vendorwatch policy test` shows all
  #   - {when: {cause: provider_outage}, hold: 5m}      # if it is over before, nobody is told
  #   - {when: {causes: [latency_degraded, quality_degraded], at_least: 0.9}, severity: info, channels: [console]}
  #   - {when: {tier: warn}, channels: [console]}       # suspicions too, which nobody hears of otherwise
logging: {format: kv, level: info}
"""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Write, check and describe the config.", no_args_is_help=True)
    group.command("init")(init)
    group.command("check")(check)
    group.command("schema")(schema)
    app.add_typer(group, name="config")


def init(
    path: TargetArgument = Path("vendorwatch.yaml"),
    start: Annotated[Path | None, typer.Option("--from", help="A gateway's config: start from what you run.")] = None,
    gateway: Annotated[str | None, typer.Option("--gateway", "-g", help="Its format; else it is guessed.")] = None,
) -> None:
    """Write a commented vendorwatch.yaml, or one with the workloads of a gateway's config. Never overwrites."""
    try:
        text = TEMPLATE if start is None else _from(start, gateway, path)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except UserError as error:
        _fail(error.problems)
    except FileExistsError:
        _fail([f"{path}: is there already; name another file or move it away"])
    except OSError as error:
        _fail([f"{path}: cannot be written ({(error.strerror or 'failed').lower()}); choose another folder"])
    typer.echo(f"{path} written; edit it, then run: vendorwatch config check --config {path}")


def _from(start: Path, gateway: str | None, target: Path) -> str:
    """The text made of a gateway's config; its path as seen from the new file. Raises UserError."""
    from alerts.gateway import PatchRefused
    from monitor.catalogue import load_catalogue
    from monitor.formats import format_named, format_of, read_text
    from monitor.starting import Running, first_config

    named = format_named(gateway) if gateway else None
    try:
        text = read_text(start)
        form, reader = named or format_of(text, str(start))
        inventory = reader.inventory(text)
    except PatchRefused as refusal:
        raise UserError(f"{start}: {refusal}") from refusal
    folder, file = target.absolute().parent, start.absolute()
    shown = file.relative_to(folder) if file.is_relative_to(folder) else file
    return first_config(Running(inventory, form, str(shown), load_catalogue()))


def check(config: ConfigOption = None) -> None:
    """Say everything that is wrong with the config, at once. Exits with 2 if anything is."""
    from monitor.config import HERE
    from monitor.setup import read_setup

    try:
        setup = read_setup(config, os.environ, here=HERE)
    except UserError as error:
        _fail(error.problems)
    if setup.faults:
        _fail([f"{setup.path}: {fault}" for fault in setup.faults])
    for line in (*warnings(setup.config), *setup.notes):
        typer.echo(f"note: {line}", err=True)
    typer.echo(f"{setup.path or 'no config file, defaults'}: good; {len(setup.checks)} checks in "
               f"{len(setup.config.regions)} region(s)")


def warnings(config: "Config") -> list[str]:
    """What may be meant but is worth saying. A key can be absent here and present at another region's agent."""
    return [
        f"accounts: {one.name}: the variable {one.key_env} is not set here; its keyed checks are withheld until it is"
        for one in config.accounts if not os.environ.get(one.key_env)
    ]


def schema() -> None:
    """Print the JSON schema of vendorwatch.yaml, for editors."""
    from monitor.settings import Config

    typer.echo(json.dumps(Config.model_json_schema(), ensure_ascii=False, indent=2))


def _fail(problems: tuple[str, ...] | list[str]) -> NoReturn:
    for problem in problems:
        typer.echo(f"vendorwatch: {problem}", err=True)
    raise typer.Exit(EXIT_PROBLEM)
