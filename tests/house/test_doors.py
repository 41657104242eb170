"""Single doors and purity: which file may know which library, and which rooms know neither I/O nor clock nor chance."""

import ast

import pytest
from house import imported, name, sources, street, tree

DOORS = {
    "apscheduler": ("monitor/timetable.py",),
    "cronsim": ("monitor/windows.py",),
    "sqlalchemy": ("monitor/store/",),
    "alembic": ("monitor/store/",),
    "httpx": ("probes/run.py", "probes/net/", "alerts/post.py"),
    "httpcore": ("probes/run.py", "probes/net/", "alerts/post.py"),
    "slack_sdk": ("alerts/channels/slack.py",),
    "feedparser": ("probes/kinds/notices.py",),
}
PURE = tuple(each if each.endswith(".py") else f"{each}/" for each, pure in street().items() if pure)
IMPURE_MODULES = {"socket", "ssl", "time", "asyncio", "subprocess", "os", "httpx", "httpcore", "sqlalchemy",
                  "threading", "urllib.request", "smtplib", "secrets", "uuid"}


@pytest.mark.parametrize("library", DOORS)
def test_a_library_is_known_by_its_door_alone(library: str) -> None:
    knows = [name(path) for path in sources()
             if any(module.split(".")[0] == library for module in imported(path))]
    assert [path for path in knows if not path.startswith(DOORS[library])] == []


def test_what_decides_is_drawn_as_pure() -> None:
    deciding = {"probes/classify.py", "probes/model.py", "probes/kinds/", "probes/wire/", "probes/quality/",
                "alerts/wording.py", "alerts/gateways/", "monitor/policy.py", "monitor/judge.py", "monitor/rules/",
                "monitor/attribution.py", "monitor/lifecycle.py", "monitor/plan.py", "monitor/model.py"}
    assert deciding <= set(PURE)


def test_pure_rooms_import_no_world() -> None:
    guilty = [(name(path), sorted(imported(path) & IMPURE_MODULES)) for path in sources()
              if name(path).startswith(PURE) and imported(path) & IMPURE_MODULES]
    assert guilty == []


def test_pure_rooms_read_no_clock_and_draw_nothing() -> None:
    guilty = []
    for path in sources():
        if not name(path).startswith(PURE):
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                called = (owner.id if isinstance(owner, ast.Name) else "", node.func.attr)
                if called in {("datetime", "now"), ("datetime", "utcnow"), ("date", "today")}:
                    guilty.append((name(path), node.lineno))
                if called[0] == "random" and called[1] != "Random":
                    guilty.append((name(path), node.lineno))
    assert guilty == []


def test_probes_and_alerts_know_neither_each_other_nor_the_monitor() -> None:
    forbidden = {"probes": {"alerts", "monitor", "migrations"}, "alerts": {"probes", "monitor", "migrations"},
                 "monitor": {"migrations", "tests"}}
    guilty = [(name(path), module) for path in sources() for module in imported(path)
              if module.split(".")[0] in forbidden[name(path).split("/")[0]]]
    assert guilty == []
