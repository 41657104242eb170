from datetime import date
from pathlib import Path

import pytest

from monitor.catalogue import is_template, load_catalogue, main_model
from monitor.errors import UserError

MINE = """\
id: {id}
name: Mine
aliases: [{alias}]
checked: 2026-11-22
surfaces:
  - {{name: own, base_url: "https://mine.example/v1", dialect: openai, source: "https://mine.example"}}
"""


def write(folder: Path, name: str, alias: str = "mein") -> None:
    (folder / f"{name}.yaml").write_text(MINE.format(id=name, alias=alias))


def test_facts_become_values() -> None:
    claude = load_catalogue().find("Claude")
    assert claude.surfaces[0].base_url == "https://api.anthropic.com"
    assert claude.auth.header == "x-api-key"
    assert ("anthropic-version", "2023-06-01") in claude.auth.extra
    sonnet = next(model for model in claude.models if model.id == "claude-sonnet-4-5-20250929")
    assert (sonnet.retires_on, sonnet.price_in, sonnet.price_out) == (date(2026, 11, 30), 3, 15)
    assert claude.probe_models[0].source.startswith("https://"), "short source names are resolved"


def test_what_a_vendor_says_of_its_limits_has_a_source_too(tmp_path: Path) -> None:
    limits = 'limits: {requests_per_minute: 20, source: "https://mine.example/limits"}'
    (tmp_path / "mine.yaml").write_text(MINE.format(id="mine", alias="mein") + limits)
    assert load_catalogue(tmp_path).find("mine").max_per_minute == 20
    assert load_catalogue().find("claude").max_per_minute is None
    (tmp_path / "mine.yaml").write_text(MINE.format(id="mine", alias="mein") + "limits: {requests_per_minute: 0}")
    with pytest.raises(UserError) as caught:
        load_catalogue(tmp_path)
    assert all(any(f"limits.{key}" in line for line in caught.value.problems)
               for key in ("requests_per_minute", "source"))


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(UserError, match=r"unknown vendor 'antropic' \(did you mean anthropic\?\)"):
        load_catalogue().find("antropic")
    assert load_catalogue().lookup("antropic") is None


def test_templates_are_told_by_their_blanks() -> None:
    catalogue = load_catalogue()
    assert {one.id for one in catalogue.providers if is_template(one.surfaces[0])} == {
        "azure_openai", "bedrock", "vertex", "vllm", "sglang", "ollama"}


def test_a_folder_adds_and_overrides(tmp_path: Path) -> None:
    write(tmp_path, "mine")
    write(tmp_path, "anthropic", alias="claude")
    catalogue = load_catalogue(tmp_path)
    assert catalogue.find("MEIN").id == "mine"
    assert catalogue.find("claude").name == "Mine"
    assert len(catalogue.providers) == len(load_catalogue().providers) + 1


def test_a_stolen_alias_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "mine", alias="Kimi")
    with pytest.raises(UserError, match=r"'kimi' is taken by"):
        load_catalogue(tmp_path)


def test_all_faults_of_all_files_at_once(tmp_path: Path) -> None:
    write(tmp_path, "good")
    (tmp_path / "other.yaml").write_text(MINE.format(id="another", alias="a"))
    (tmp_path / "bad.yaml").write_text(
        "id: bad\nname: Bad\nchecked: 2026-11-22\nwieghts: open\nsurfaces:\n"
        "  - {name: a, base_url: 'https://{x}.example/v1', dialect: openai}\n")
    (tmp_path / "broken.yaml").write_text("id: [\n")
    with pytest.raises(UserError) as caught:
        load_catalogue(tmp_path)
    said = "\n".join(caught.value.problems)
    assert "bad.yaml: wieghts: unknown key (did you mean weights?)" in said
    assert "bad.yaml: surfaces[0].source: is missing; add it" in said
    assert "broken.yaml:" in said
    assert "not valid YAML" in said
    assert "other.yaml: id: 'another' must be the file's name" in said
    assert "good" not in said


def test_blanks_without_template_are_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        MINE.format(id="mine", alias="m").replace("https://mine.example/v1", "https://{x}.example/v1"))
    with pytest.raises(UserError, match=r"surfaces\[0\]: template must be true exactly where"):
        load_catalogue(tmp_path)


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is not a folder"):
        load_catalogue(tmp_path / "none")


@pytest.mark.parametrize("text", ["id: [1\n", "checked: 2026-99-99\n", "a: b: c\n"])
def test_a_broken_file_of_ours_is_named_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (tmp_path / "acme.yaml").write_text(text)
    monkeypatch.setattr("monitor.catalogue.BUILT_IN", tmp_path)
    with pytest.raises(UserError, match=r"acme\.yaml"):
        load_catalogue()


def test_a_vendor_alone_is_offered_a_general_model_that_stays() -> None:
    found = load_catalogue()
    for provider in found.providers:
        known = {one.id: one for one in (*provider.models, *provider.probe_models)}
        model = main_model(provider)
        assert not model or not (known[model].gone or known[model].retires_on or "embed" in model)
    assert main_model(found.find("openai"))
    assert not main_model(found.find("ollama"))
