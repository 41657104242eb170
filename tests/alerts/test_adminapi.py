"""An admin API over real HTTP, as one-api answers: 200 to everything, and `success` says how it was."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from fakeoneapi import AFTER, BEFORE, CALLS, TOKEN, OneApi, a_call, one_api

from alerts.adminapi import AdminApi
from alerts.channel import DeliveryError
from alerts.gateway import PatchRefused
from alerts.inplace import InPlace
from alerts.landing import Label, digest
from alerts.model import ApiCall

OLD, NEW = '{"export": 1}\n', '{"export": 2}\n'
FORTH, BACK = Label("c1", calls=CALLS), Label("c1", back=True, calls=CALLS)


@pytest.fixture
def api() -> Iterator[tuple[OneApi, str]]:
    with one_api() as found:
        yield found


@pytest.fixture
def place(api: tuple[OneApi, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AdminApi:
    monkeypatch.setenv("ONE_TOKEN", TOKEN)
    file = tmp_path / "channels.json"
    file.write_text(OLD)
    return AdminApi(file, api[1], "ONE_TOKEN", bearer=False, headers={"New-Api-User": "1"})


def test_there_and_back(place: AdminApi, api: tuple[OneApi, str]) -> None:
    said = place.put(NEW, digest(OLD), FORTH)
    assert (api[0].models, said["calls"], place.read()) == (AFTER, 2, NEW)
    assert api[0].said == ["2:smart,qwen", "1:claude"], "first who takes over, so that no moment is without"
    assert api[0].heads["new-api-user"] == "1"
    assert place.left(FORTH, digest(OLD)) == OLD
    place.put(OLD, digest(NEW), BACK)
    assert (api[0].models, place.landed(BACK)) == (BEFORE, digest(OLD))
    assert api[0].said[2:] == ["1:smart,claude", "2:qwen"]


def test_what_is_so_already_is_not_sent_again(place: AdminApi, api: tuple[OneApi, str]) -> None:
    """As after a process that died between two calls."""
    api[0].rows[2]["models"] = "smart,qwen"
    assert place.put(NEW, digest(OLD), FORTH)["calls"] == 1
    assert api[0].said == ["1:claude"]


def test_a_value_that_has_changed_stops_it_before_anything_is_sent(place: AdminApi, api: tuple[OneApi, str]) -> None:
    api[0].rows[1]["models"] = "smart,claude,theirs"
    with pytest.raises(PatchRefused, match="models has changed since; nothing was sent"):
        place.put(NEW, digest(OLD), FORTH)
    assert (api[0].said, place.read()) == ([], OLD)


def test_a_call_that_fails_takes_the_others_back(place: AdminApi, api: tuple[OneApi, str]) -> None:
    api[0].fails = [1]
    with pytest.raises(DeliveryError, match="answered 200: database is locked; what was sent was taken back"):
        place.put(NEW, digest(OLD), FORTH)
    assert (api[0].models, place.read()) == (BEFORE, OLD)


def test_what_cannot_be_taken_back_is_said(place: AdminApi, api: tuple[OneApi, str],
                                           monkeypatch: pytest.MonkeyPatch) -> None:
    fake, real = api[0], api[0].admin

    def worse(method: str, path: str, body: dict[str, Any], heads: dict[str, str]) -> dict[str, Any]:
        if method == "PUT" and body["id"] == 1:
            fake.fails = [1, 2]
        return real(method, path, body, heads)

    monkeypatch.setattr(fake, "admin", worse)
    with pytest.raises(DeliveryError, match="could not be taken back"):
        place.put(NEW, digest(OLD), FORTH)
    assert place.read() == NEW, "what stays is said by the export, for the way back"
    monkeypatch.setattr(fake, "admin", real)
    fake.fails = []
    place.put(OLD, digest(NEW), BACK)
    assert (fake.models, place.read()) == (BEFORE, OLD)


def test_a_token_is_never_said(place: AdminApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONE_TOKEN", "tk-wrong-one-1")
    with pytest.raises(DeliveryError) as failure:
        place.put(NEW, digest(OLD), FORTH)
    assert "tk-wrong" not in failure.value.reason
    assert "no access" in failure.value.reason
    monkeypatch.delenv("ONE_TOKEN")
    with pytest.raises(DeliveryError, match="ONE_TOKEN is not set"):
        place.put(NEW, digest(OLD), FORTH)


def test_without_calls_or_on_a_stale_export_nothing_is_sent(place: AdminApi, api: tuple[OneApi, str]) -> None:
    with pytest.raises(PatchRefused, match="no calls of an admin API"):
        place.put(NEW, digest(OLD), Label("c1"))
    with pytest.raises(PatchRefused, match="has changed since; nothing was sent"):
        place.put(NEW, digest("other"), FORTH)
    assert api[0].said == []


def test_where_the_export_cannot_be_written_the_gateway_is_as_it_was(
    place: AdminApi, api: tuple[OneApi, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or its row would say that nothing was changed."""
    real = InPlace.put

    def full(*_: object, **__: object) -> None:
        raise DeliveryError("disk full", permanent=True)

    monkeypatch.setattr(InPlace, "put", full)
    with pytest.raises(DeliveryError, match="disk full"):
        place.put(NEW, digest(OLD), FORTH)
    assert (api[0].said, place.read()) == ([], OLD)
    monkeypatch.setattr(InPlace, "put", real)
    place.put(NEW, digest(OLD), FORTH)
    monkeypatch.setattr(InPlace, "put", full)
    with pytest.raises(DeliveryError, match="disk full; what was sent was taken back"):
        place.put(OLD, digest(NEW), BACK)
    assert (api[0].models, place.read()) == (AFTER, NEW)


@pytest.mark.parametrize("at", range(7))
@pytest.mark.parametrize("back", [False, True])
def test_whenever_it_is_killed_what_was_sent_can_be_taken_back(
    place: AdminApi, api: tuple[OneApi, str], monkeypatch: pytest.MonkeyPatch, at: int, back: bool
) -> None:
    """A gateway that was told anything has an export that says so, and by it a row that can be reverted."""
    if back:
        place.put(NEW, digest(OLD), FORTH)
    real, left = AdminApi._ask, [at]

    async def dies(self: AdminApi, *words: Any) -> Any:
        if not left[0]:
            raise SystemExit
        left[0] -= 1
        return await real(self, *words)

    monkeypatch.setattr(AdminApi, "_ask", dies)
    with suppress(SystemExit):
        place.put(*((OLD, digest(NEW), BACK) if back else (NEW, digest(OLD), FORTH)))
    monkeypatch.setattr(AdminApi, "_ask", real)
    if place.read() == OLD:
        assert api[0].models == BEFORE
    else:
        place.put(OLD, digest(NEW), BACK)
        assert (api[0].models, place.read()) == (BEFORE, OLD)


def test_what_cannot_be_read_again_after_it_was_sent_is_taken_back(
    place: AdminApi, api: tuple[OneApi, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a proxy before it answers with a page of its own."""
    real, once = AdminApi._value, [True]

    async def page(self: AdminApi, call: ApiCall) -> Any:
        if api[0].models == AFTER and once and once.pop():
            raise PatchRefused("the gateway's answer is no JSON object")
        return await real(self, call)

    monkeypatch.setattr(AdminApi, "_value", page)
    with pytest.raises(DeliveryError, match="no JSON object; what was sent was taken back"):
        place.put(NEW, digest(OLD), FORTH)
    assert (api[0].models, place.read()) == (BEFORE, OLD)


def test_a_call_without_an_answer_may_have_been_carried_out(
    place: AdminApi, api: tuple[OneApi, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, once = api[0].admin, [True]

    def late(method: str, path: str, body: dict[str, Any], heads: dict[str, str]) -> dict[str, Any]:
        said = real(method, path, body, heads)
        return {"success": False, "message": "timed out"} if body.get("id") == 1 and once and once.pop() else said

    monkeypatch.setattr(api[0], "admin", late)
    with pytest.raises(DeliveryError, match="timed out; what was sent was taken back"):
        place.put(NEW, digest(OLD), FORTH)
    assert api[0].models == BEFORE


def test_an_empty_field_that_the_api_leaves_as_it_is_is_noticed(
    place: AdminApi, api: tuple[OneApi, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As new-api's: what is empty counts as not said, and the answer is success all the same."""
    api[0].rows[1]["models"] = ""
    call = a_call(1, "smart", "")
    place.put(NEW, digest(OLD), Label("c1", calls=(call,)))
    real = api[0].admin

    def leaves(method: str, path: str, body: dict[str, Any], heads: dict[str, str]) -> dict[str, Any]:
        said = {name: value for name, value in body.items() if value != ""} if method == "PUT" else body
        return real(method, path, {"models": api[0].rows[1]["models"]} | said, heads)

    monkeypatch.setattr(api[0], "admin", leaves)
    with pytest.raises(DeliveryError, match="answered with success, and the value is not what was sent"):
        place.put(OLD, digest(NEW), Label("c1", back=True, calls=(call,)))
    assert place.read() == NEW
