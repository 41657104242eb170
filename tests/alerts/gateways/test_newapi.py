"""Patches of new-api's and one-api's channels: the export, and the calls, carried out over HTTP against a fake by the facts.

The fake does what both forks' source does: a partial update skips what is empty, answers 200 with `success: false`, and
one-api's auto-enable switches on what a person switched off.
"""

import json
import threading
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.gateway import PatchRefused
from alerts.gateways.newapi import Gateway
from alerts.model import ApiCall, Patch, RoutingChange, Strength
from monitor.catalogue import load_catalogue
from monitor.formats import aimed

NOTED = False
ROWS: list[dict[str, Any]] = [
    {"id": 1, "type": 14, "name": "claude", "key": "", "status": 1, "models": "smart,claude-x", "group": "default,vip",
     "model_mapping": '{"smart": "claude-opus"}', "priority": 10, "auto_ban": 1, "tag": "main"},
    {"id": 2, "type": 17, "name": "qwen", "key": "", "status": 1, "models": "qwen3-max", "group": "default",
     "model_mapping": None, "priority": 0, "auto_ban": 1, "tag": None},
    {"id": 3, "type": 25, "name": "kimi", "key": "", "status": 2, "models": "smart", "group": "default",
     "model_mapping": "", "priority": 0, "auto_ban": 1, "tag": None},
]
SAMPLE = json.dumps({"success": True, "message": "", "data": ROWS}, indent=2) + "\n"
WORKLOAD, TARGET = "smart", "qwen"
CHANGE = RoutingChange("vw-1", WORKLOAD, "anthropic", (), TARGET, Strength.EXCLUDE, "geo", "403")


def exported(rows: Sequence[dict[str, Any]], **more: Any) -> str:
    return json.dumps({"success": True, "data": {"items": list(rows), **more}}, indent=4)


def moved(text: str, target: str = TARGET, strength: Strength = Strength.EXCLUDE, workload: str = WORKLOAD) -> Patch:
    change = replace(CHANGE, takes_over=target, strength=strength, workload=workload)
    patch = Gateway().render(aimed(change, Gateway(), text, load_catalogue()), text)
    again = Gateway().render(aimed(change, Gateway(), patch.patched, load_catalogue()), patch.patched)
    assert patch.reverted == text
    assert not again.diff
    assert not again.calls
    return patch


def rows(text: str) -> list[dict[str, Any]]:
    data = json.loads(text)["data"]
    return list(data["items"] if isinstance(data, dict) else data)


@pytest.mark.parametrize("target", ["qwen", "2", "#2", "qwen/qwen3-max", "2:qwen3-max", "qwen3-max"])
def test_excluded_the_vendors_channel_no_longer_serves_the_model(target: str) -> None:
    patch = moved(SAMPLE, target)
    claude, qwen, kimi = rows(patch.patched)
    assert (claude["models"], claude["priority"], claude["status"]) == ("claude-x", 10, 1)
    assert (qwen["models"], qwen["model_mapping"], qwen["group"]) == (
        "qwen3-max,smart", '{"smart":"qwen3-max"}', "default,vip")
    assert kimi == ROWS[2]
    assert [call.body["id"] for call in patch.calls] == [2, 1]
    assert not any("key" in call.body for call in patch.calls)


def test_demoted_it_is_the_last_priority() -> None:
    patch = moved(SAMPLE, strength=Strength.DEMOTE)
    assert rows(patch.patched)[0] == {**ROWS[0], "priority": -100}
    assert patch.calls[-1].body == {"id": 1, "priority": -100}
    assert patch.calls[-1].inverse == {"id": 1, "priority": 10}


def test_a_channel_that_serves_nothing_else() -> None:
    lone = [{**ROWS[0], "models": "smart"}, ROWS[1]]
    assert rows(moved(exported(lone)).patched)[0]["status"] == 2
    old = [{key: value for key, value in row.items() if key not in ("auto_ban", "tag")} | {"config": ""} for row in lone]
    assert rows(moved(exported(old)).patched)[0]["models"] == "vendorwatch-parked/smart"


def test_a_target_with_several_models_is_told_which() -> None:
    many = [ROWS[0], {**ROWS[1], "models": "qwen3-max,qwen3-flash"}]
    with pytest.raises(PatchRefused, match="say which"):
        moved(exported(many))
    assert json.loads(rows(moved(exported(many), "qwen/qwen3-flash").patched)[1]["model_mapping"]) == {
        "smart": "qwen3-flash"}
    tested = [ROWS[0], {**many[1], "test_model": "qwen3-flash"}]
    assert "qwen3-flash" in rows(moved(exported(tested)).patched)[1]["model_mapping"]


@pytest.mark.parametrize(("target", "workload", "why"), [
    ("nobody", "smart", "no channel here"), ("qwen", "nobody", "no channel serves"), ("claude", "smart", "which leaves"),
    ("kimi", "smart", "switched off"), ("qwen", "qwen3-max", "")])
def test_refusals(target: str, workload: str, why: str) -> None:
    if not why:
        assert not moved(SAMPLE, target, workload=workload).diff     # it is there already
        return
    with pytest.raises(PatchRefused, match=why):
        moved(SAMPLE, target, workload=workload)


def test_two_of_a_name_are_told_apart_by_id() -> None:
    text = exported([ROWS[0], ROWS[1], {**ROWS[1], "id": 9}])
    with pytest.raises(PatchRefused, match="#2.*#9"):
        moved(text)
    assert moved(text, "9").calls[0].body["id"] == 9


def test_a_page_of_several_and_a_literal_key() -> None:
    assert any("one page" in warning for warning in moved(exported(ROWS, total=40)).warnings)
    text = json.dumps({"data": [{**ROWS[0], "key": "sk-aaaaaaaaaaaaaaaaaaaa"}, ROWS[1]]})
    with pytest.raises(PatchRefused, match="secret"):
        moved(text)


@given(st.lists(st.tuples(st.sampled_from([14, 17, 25, 36]), st.sampled_from([1, 2, 3]), st.sampled_from(
    ["smart", "smart,a", "a", "b ,smart"]), st.sampled_from(["default", "vip", "default,vip"]), st.integers(-5, 5)), max_size=6),
    st.sampled_from([None, 2]), st.sampled_from(["\n", "\r\n"]), st.sampled_from(list(Strength)))
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_law_no_call_to_the_vendor_and_never_zero_routes(
    more: list[tuple[int, int, str, str, int]], indent: int | None, end: str, strength: Strength,
) -> None:
    made = [*ROWS, *({"id": at + 10, "type": kind, "name": f"c{at}", "status": status, "models": models, "group": group,
                      "model_mapping": None, "priority": priority} for at, (kind, status, models, group, priority)
                     in enumerate(more))]
    text = json.dumps({"data": made}, indent=indent, ensure_ascii=False).replace("\n", end)
    patch = moved(text, strength=strength)
    before, after = rows(text), rows(patch.patched)

    def serving(every: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
        return {group: sorted((row for row in every if row["status"] == 1 and group in row["group"].split(",")
                               and "smart" in [name.strip() for name in row["models"].split(",")]),
                              key=lambda row: -row["priority"]) for group in ("default", "vip")}
    for group, now in serving(after).items():
        assert now or not serving(before)[group]
        if strength is Strength.EXCLUDE:
            assert not any(row["type"] == 14 for row in now)
        assert not now or now[0]["type"] != 14
    assert [row for row in after if row["type"] not in (14, 17)] == [
        row for row in before if row["type"] not in (14, 17)]


@given(st.text(max_size=80))
@settings(max_examples=30, deadline=None)
def test_junk_is_refused(text: str) -> None:
    with pytest.raises(PatchRefused):
        Gateway().render(CHANGE, text)
    assert Gateway().lint(text)


# --- the calls, over HTTP -----------------------------------------------------------------------------------------------

class _Admin(BaseHTTPRequestHandler):
    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        rows: dict[int, dict[str, Any]] = self.server.rows  # type: ignore[attr-defined]
        if self.headers["Authorization"] != "admin" or body.get("id") not in rows:
            self._answer({"success": False, "message": "no"})
            return
        pointers = ("priority", "weight", "model_mapping")      # *int64, *string: written even where they are empty
        rows[body["id"]].update({name: value for name, value in body.items() if value or name in pointers})
        self._answer({"success": True, "message": ""})

    def do_GET(self) -> None:
        rows: dict[int, dict[str, Any]] = self.server.rows  # type: ignore[attr-defined]
        row = rows.get(int(self.path.rsplit("/", 1)[1]))
        self._answer({"success": row is not None, "data": row})

    def _answer(self, body: object) -> None:
        said = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def admin() -> Iterator[Any]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Admin)
    server.rows = {row["id"]: {**row, "key": "sk-kept"} for row in ROWS}  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def _ask(server: Any, method: str, path: str, body: object = None, token: str = "admin") -> dict[str, Any]:  # noqa: S107
    request = urllib.request.Request(  # noqa: S310
        f"http://127.0.0.1:{server.server_port}{path}", json.dumps(body).encode() if body else None,
        {"Authorization": token}, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        return dict(json.load(answer))


def _carried_out(server: Any, call: ApiCall, *, back: bool = False) -> None:
    present = _ask(server, "GET", call.read)["data"]
    expected = call.body if back else call.before
    assert {name: present[name] or None for name in expected} == {name: value or None for name, value in expected.items()}
    assert _ask(server, call.method, call.path, call.inverse if back else call.body)["success"]


@pytest.mark.parametrize("strength", list(Strength))
@pytest.mark.parametrize("lone", [True, False])
def test_the_calls_make_it_so_and_their_inverse_takes_it_back(admin: Any, strength: Strength, lone: bool) -> None:  # noqa: FBT001
    if lone:
        admin.rows[1]["models"] = "smart"
    start = json.loads(json.dumps(admin.rows))
    patch = moved(exported([{**row, "key": ""} for row in admin.rows.values()]), strength=strength)
    for call in patch.calls:
        _carried_out(admin, call)
    assert [{**row, "key": ""} for row in admin.rows.values()] == rows(patch.patched)
    assert {row["key"] for row in admin.rows.values()} == {"sk-kept"}
    for call in reversed(patch.calls):
        _carried_out(admin, call, back=True)
    assert [{**row, "model_mapping": row["model_mapping"] or None} for row in admin.rows.values()] == [
        {**row, "model_mapping": row["model_mapping"] or None} for row in start.values()]


def test_a_refused_call_has_status_200(admin: Any) -> None:
    assert _ask(admin, "PUT", "/api/channel/", {"id": 1, "priority": 1}, token="Bearer admin")["success"] is False  # noqa: S106
    assert "success" in moved(SAMPLE).apply


def test_a_switched_off_channel_is_switched_on_by_one_api_so_it_is_not_used_there() -> None:
    """one-api's ShouldEnableChannel has no check of the status (facts §0.7): a channel that is off comes back."""
    old = [{key: value for key, value in row.items() if key not in ("auto_ban", "tag")} | {"config": "", "models": "smart"}
           for row in ROWS[:1]] + [{key: value for key, value in ROWS[1].items() if key not in ("auto_ban", "tag")}]
    after = rows(moved(exported(old)).patched)
    for row in after:
        row["status"] = 1
    assert [row["name"] for row in after if "smart" in row["models"].split(",")] == ["qwen"]
