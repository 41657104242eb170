"""The chain of the audit rows: each holds the hash of the one before it, so that none can be changed, taken out or put
in without the others showing it. Pure.

Whoever may write the whole table can write a new chain too: `patch log --verify` prints the head, to be noted elsewhere
and asked for again with `--head`.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping

from alerts.landing import digest
from monitor.changes import SWITCH, SWITCHES, Entry, Stand, What, follow

BEGINNING = "0" * 64


def seal_of(entry: Entry) -> str:
    """The hash of all it says and of the row before it."""
    said = [entry.seq, round(entry.at.timestamp() * 1_000_000), entry.change, entry.what, entry.stand, entry.by,
            entry.detail, entry.base_sha256, entry.patched_sha256, entry.previous]
    return hashlib.sha256(json.dumps(said, ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()


def faults(entries: Iterable[Entry], heads: Mapping[str, str], noted: str = "") -> Iterator[str]:
    """What does not hold. `entries`: all, by number; `heads`: each change's last hash as its own row says; `noted`: the
    head of an earlier day, which must still be among them.
    """
    before, last, seen = BEGINNING, dict[str, str](), set[str]()
    number = 0
    for entry in entries:
        number += 1
        while number < entry.seq:
            yield f"row {number} is missing"
            number += 1
        if entry.previous != before:
            yield f"row {entry.seq} does not follow the row before it: one was removed, put in or changed"
        if entry.hash != seal_of(entry):
            yield f"row {entry.seq} ({entry.what} {entry.change}) is not what was written: it was changed"
        before, number = entry.hash, entry.seq
        last[entry.change] = entry.hash
        seen.add(entry.hash)
    for change, head in heads.items():
        if last.get(change) != head:
            yield f"the last row of change {change} is missing, or another was put after it"
    yield from (f"change {change} has rows, and is gone itself" for change in last if change not in {*heads, SWITCH})
    if noted and noted not in seen:
        yield f"no row has the hash {noted[:16]}… that was noted: the rows after it, or all, were written anew"


def jumps(entries: Iterable[Entry], stands: Mapping[str, Stand]) -> Iterator[str]:
    """What cannot have happened: a row that does not follow from where its change stood, as applied without a yes; a
    change that stands (`stands`: as its own row says) where its rows have not led it.
    """
    stood: dict[str, Stand] = {}
    for entry in entries:
        what = next((one for one in What if one == entry.what), None)
        if entry.change == SWITCH and SWITCHES.get(entry.what) == entry.stand:
            continue
        after = None if what is None else follow(stood.get(entry.change), what)
        if after is None or after != entry.stand:
            yield (f"row {entry.seq} ({entry.what} {entry.change}) cannot have happened where the change stood "
                   f"({stood.get(entry.change, 'nowhere')})")
        stood[entry.change] = next((one for one in Stand if one == entry.stand), Stand.CONFLICT)
    yield from (f"change {change} stands as {stand}, and its rows say {stood[change]}" for change, stand in
                stands.items() if change in stood and stood[change] is not stand)


def altered(entries: Iterable[Entry], diffs: Mapping[str, str]) -> Iterator[str]:
    """Changes whose diff (`diffs`: as its own row has it) is not the one that was last proposed, or said yes to."""
    told = {entry.change: said for entry in entries if (said := json.loads(entry.detail).get("diff_sha256"))}
    yield from (f"the diff of change {change} is not the one that its rows speak of: it was changed"
                for change, diff in diffs.items() if told.get(change, digest(diff)) != digest(diff))
