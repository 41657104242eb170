"""A bare file: its format named or guessed, its bytes kept, its move rendered with the routes that leave."""

import io
from pathlib import Path

import pytest

from alerts.gateway import PatchRefused
from alerts.gateways.litellm import Gateway
from alerts.model import RoutingChange, Strength
from monitor.catalogue import load_catalogue
from monitor.errors import UserError
from monitor.formats import aimed, changed_lines, format_named, format_of, formats, moved, read_text

TEXT = (
    "model_list:\n"
    "- model_name: smart\n"
    "  litellm_params: {model: anthropic/claude}\n"
    "- model_name: backup\n"
    "  litellm_params: {model: openai/qwen, api_base: https://dashscope.aliyuncs.com/compatible-mode/v1}\n"
)


def test_a_format_by_any_of_its_names() -> None:
    assert {format_named(word)[0] for word in ("litellm", "LiteLLM", "lite-llm", "litellm_proxy")} == {"litellm"}
    with pytest.raises(UserError, match=r"no gateway format 'litelm'.*litellm"):
        format_named("litelm")
    assert "litellm" in dict(formats())


def test_a_format_by_its_keys() -> None:
    assert format_of(TEXT)[0] == "litellm"
    with pytest.raises(UserError, match=r"c\.txt looks like no gateway's config; say which with --gateway"):
        format_of("hello", "c.txt")


def test_text_is_read_byte_for_byte(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\r\n")
    assert read_text(file) == "\ufeffa: 1\r\n"
    file.write_bytes(b"\xff")
    with pytest.raises(PatchRefused, match="not UTF-8 text"):
        read_text(file)
    with pytest.raises(PatchRefused, match="cannot be read"):
        read_text(tmp_path / "none")


def test_the_routes_that_leave_are_those_of_the_text_at_hand() -> None:
    change = RoutingChange("1", "smart", "anthropic", ("stale",), "backup", Strength.EXCLUDE, "c", "b")
    assert aimed(change, Gateway(), TEXT, load_catalogue()).leaves_routes == ("model_list.0",)


def test_a_move_by_hand_warns_that_nothing_is_proven_and_is_found_again() -> None:
    move = ("smart", "Claude", "backup", Strength.EXCLUDE)
    patch = moved(format_named("litellm"), TEXT, "c.yaml", move, load_catalogue())
    assert "no probe has proven that backup can take smart over" in patch.warnings[0]
    assert changed_lines(patch) == 1
    again = moved(format_named("litellm"), patch.patched, "c.yaml", move, load_catalogue())
    assert (again.diff, again.warnings, again.patched) == ("", (), patch.patched)


def test_a_target_that_leaves_too_is_refused_whatever_its_dialect() -> None:
    with pytest.raises(PatchRefused, match="itself routes to dashscope"):
        moved(format_named("litellm"), TEXT, "c", ("smart", "qwen", "backup", Strength.EXCLUDE), load_catalogue())


def test_what_comes_in_is_read_as_a_file_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for raw, said in ((b"a: 1\r\n", "a: 1\r\n"), (b"\xff", "")):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))
        if said:
            assert read_text(Path("-")) == said
        else:
            with pytest.raises(PatchRefused, match="not UTF-8"):
                read_text(Path("-"))
