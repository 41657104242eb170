"""One test file per source file, same name: tests are where you look for them."""

from house import ROOT, name, sources

# values and protocols without behaviour, and files that a whole contract suite covers
COVERED_ELSEWHERE = {
    "probes/model.py", "probes/outcome.py", "probes/probe.py", "probes/vendor.py", "alerts/model.py",
    "alerts/channel.py", "alerts/gateway.py", "alerts/landing.py", "alerts/observer.py",
    "monitor/model.py", "monitor/errors.py", "monitor/store/base.py", "monitor/asked.py",
}

# covered by the contract suites over the store (tests/contracts/test_store.py) and its migrations
COVERED_ELSEWHERE |= {f"monitor/store/{name}.py" for name in (
    "changeschema", "changing",
    "deciding", "engine", "hindsight", "outbox", "queries", "reading", "recording", "schema", "sql", "words")}


def test_every_source_file_has_its_test_file() -> None:
    missing = []
    for path in sources():
        source = name(path)
        if path.name == "__init__.py" or source in COVERED_ELSEWHERE or not path.read_text(encoding="utf-8").strip():
            continue
        mirror = ROOT / "tests" / path.relative_to(ROOT).with_name(f"test_{path.name}")
        if not mirror.exists():
            missing.append(source)
    assert missing == []
