"""How well and how fast refusals are read: `python -m bench.classify [corpus.jsonl]`."""

import json
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from bench._table import Line, say
from probes.classify import Classification, classify_text, open_book
from probes.outcome import Outcome
from probes.refusals import Rule, read_rules

CORPUS = Path(__file__).parent.parent / "tests" / "corpus" / "refusals.jsonl"


def read_corpus(path: Path = CORPUS) -> list[dict[str, Any]]:
    """The labelled responses."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def main(path: Path = CORPUS) -> int:
    """Print the figures; 1 if one of the goals is missed."""
    from monitor.commands.explain import read_row

    rows = read_corpus(path)
    asked = [read_row(row) for row in rows]
    verdicts = [classify_text(exchange, provider) for exchange, provider in asked]
    missed = [(row, verdict) for row, verdict in zip(rows, verdicts, strict=True) if not is_right(row, verdict)]
    for row, verdict in missed:
        print(f"  missed {row['id']}: {row['label']} ({row['alt_label']}) read as {verdict.outcome} by {verdict.rule}")
    accuracy = 1 - len(missed) / len(rows)
    strict = sum(row["label"] == verdict.outcome for row, verdict in zip(rows, verdicts, strict=True)) / len(rows)
    print(f"first label only: {strict:.2%} right")
    good = say(Line("refusals read right", f"{accuracy:.2%} of {len(rows)}", ">= 97 %", accuracy >= 0.97))
    for outcome in (Outcome.GEO_RESTRICTED, Outcome.ACCOUNT_RESTRICTED):
        good &= _print_class(outcome, rows, verdicts)
    bad_ok = [row["id"] for row, verdict in zip(rows, verdicts, strict=True)
              if row["label"] == "ok" and verdict.outcome is not Outcome.OK]
    false_ok = [row["id"] for row, verdict in zip(rows, verdicts, strict=True)
                if "ok" not in (row["label"], row["alt_label"]) and verdict.outcome is Outcome.OK]
    print(f"ok read as something else: {bad_ok}; refusals read as ok: {false_ok}")
    good &= say(Line("ok read as anything else", str(len(bad_ok)), "0", not bad_ok))
    _print_held_out(rows, verdicts)
    each_us = _time(asked) * 1e6
    good &= say(Line("time to classify a response", f"{each_us:.0f} us", "<= 200 us", each_us <= 200))
    return 0 if good else 1


def is_right(row: dict[str, Any], verdict: Classification) -> bool:
    """The label or the alternative one."""
    return verdict.outcome in (row["label"], row["alt_label"])


def _print_class(outcome: Outcome, rows: list[dict[str, Any]], verdicts: list[Classification]) -> bool:
    pairs = list(zip(rows, verdicts, strict=True))
    read = [(row, verdict) for row, verdict in pairs if verdict.outcome is outcome]
    truth = [(row, verdict) for row, verdict in pairs if row["label"] == outcome]
    precision = sum(is_right(row, verdict) for row, verdict in read) / max(1, len(read))
    recall = sum(is_right(row, verdict) for row, verdict in truth) / max(1, len(truth))
    hard_precision = sum(row["label"] == outcome for row, _ in read) / max(1, len(read))
    hard_recall = sum(verdict.outcome is outcome for _, verdict in truth) / max(1, len(truth))
    print(f"{outcome}, first label only: precision {hard_precision:.1%}, recall {hard_recall:.1%}")
    good = say(Line(f"{outcome} precision", f"{precision:.1%}", ">= 98 %", precision >= 0.98))
    return say(Line(f"{outcome} recall", f"{recall:.1%}", ">= 97 %", recall >= 0.97)) and good


def _print_held_out(rows: list[dict[str, Any]], verdicts: list[Classification]) -> None:
    """Hold each vendor out: take away the rules that only its responses ever reach, then read its responses."""
    from monitor.commands.explain import read_row

    reached: dict[str, set[str]] = defaultdict(set)
    for row, verdict in zip(rows, verdicts, strict=True):
        reached[verdict.rule].add(row["provider"])
    rules = read_rules()
    seen: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for vendor in sorted({row["provider"] for row in rows}):
        own = {rule for rule, vendors in reached.items() if vendors == {vendor}}
        kept: tuple[Rule, ...] = tuple(rule for rule in rules if rule.id not in own)
        book = open_book(kept)
        for row in rows:
            if row["provider"] == vendor:
                seen[vendor] += 1
                lost[vendor] += not is_right(row, classify_text(*read_row(row), book))
    total = sum(seen.values())
    worst = ", ".join(f"{vendor} {seen[vendor] - count}/{seen[vendor]}"
                      for vendor, count in lost.most_common(8) if count)
    print(f"each vendor held out (without the rules only it reaches): {1 - sum(lost.values()) / total:.2%}")
    print(f"  worst of them: {worst}")


def _time(asked: list[tuple[Any, str]]) -> float:
    best = 1.0
    for _ in range(5):
        started = time.perf_counter()
        for exchange, provider in asked:
            classify_text(exchange, provider)
        best = min(best, (time.perf_counter() - started) / len(asked))
    return best


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:2])))
