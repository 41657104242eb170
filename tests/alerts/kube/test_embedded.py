"""A file inside a file: found by lines, put back with its indentation, the rest byte for byte."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from alerts.kube.embedded import BLOCK, LISTED, MAPPING, PAIRS, QUOTED, closed, lines_of, meaning, pieces, put
from alerts.surgery.text import splice


def fits(text: str) -> bool:
    return "model_list:" in text or "BASE_URL=" in text


def changed(text: str, new: str, at: int = 0) -> str:
    piece = pieces(text, fits, ("model_list",))[at]
    return splice(text, put(text, piece, new))[0]


def load(text: str) -> object:
    return YAML(typ="safe", pure=True).load(text)


@pytest.mark.parametrize("mark", ["|", "|-", "|+", "| # the config", "|2", "|2-"])
def test_a_block_whatever_its_mark(mark: str) -> None:
    text = f"data:\n  other: x\n  config.yaml: {mark}\n    model_list:\n\n      - a # b\n\n  last: y\n"
    piece = pieces(text, fits)[0]
    assert (piece.name, piece.kind, piece.indent) == ("data.config.yaml", BLOCK, 4)
    assert piece.text == "model_list:\n\n  - a # b\n" + ("\n" if "+" in mark else "")
    after = changed(text, piece.text.replace("- a", "- c\n  - d"))
    assert after == text.replace("- a", "- c\n      - d")


def test_an_indentation_indicator_counts_from_the_key() -> None:
    piece = pieces("data:\n  c.yaml: |3\n      model_list:\n     - a\n", fits)[0]
    assert piece.text == " model_list:\n- a\n"


def test_lines_added_at_the_end_of_a_file_without_newline() -> None:
    text = "data:\n  c.yaml: |\n    model_list:\n      - a"
    assert changed(text, "model_list:\n  - a\nmore: 1") == f"{text}\n    more: 1"


def test_crlf_stays() -> None:
    text = "data:\r\n  c.yaml: |\r\n    model_list:\r\n      - a\r\n  z: 1\r\n"
    assert changed(text, "model_list:\r\n  - a\r\n  - b\r\n") == text.replace("- a\r\n", "- a\r\n      - b\r\n")


@pytest.mark.parametrize("key", ["'c.yaml'", '"c.yaml"', "LITELLM-CONFIG", "c.yaml"])
def test_a_block_key_however_it_is_quoted(key: str) -> None:
    found = pieces(f"data:\n  {key}: |\n    model_list:\n      - a\n", fits)
    assert [piece.name for piece in found] == ["data." + key.strip("\"'")]


def test_a_mapping_with_the_comments_above_its_first_key_and_between() -> None:
    text = (
        "image: x\nproxy_config:\n  # ours\n  general_settings: {}\n\n  model_list:\n  # at the left\n# far left\n"
        "    - a\n\n# the next one\nreplicas: 2\n"
    )
    piece = pieces(text, fits, ("general_settings", "model_list"))[0]
    assert (piece.name, piece.kind) == ("proxy_config", MAPPING)
    assert piece.text == "# ours\ngeneral_settings: {}\n\nmodel_list:\n# at the left\n# far left\n  - a\n"
    after = splice(text, put(text, piece, piece.text + "x: 1\n"))[0]
    assert after == text.replace("    - a\n", "    - a\n  x: 1\n")


def test_pairs_inside_a_mapping_that_is_a_file_are_part_of_it() -> None:
    text = "proxy_config:\n  environment_variables:\n    X_BASE_URL: http://x\n  model_list:\n    - a\n"
    assert [piece.name for piece in pieces(text, fits, ("model_list",))] == ["proxy_config"]


PAIRED = """\
kind: ConfigMap
data:
  # whom we ask
  OPENAI_BASE_URL: "https://api.openai.com/v1"  # main
  MODEL: 'gpt-4o'
  PLAIN: gpt
metadata: {}
"""


def test_environment_pairs_are_read_as_a_dotenv_file_and_written_in_their_own_quotes() -> None:
    piece = pieces(PAIRED, fits)[0]
    assert (piece.kind, piece.name) == (PAIRS, "data")
    assert piece.text == (
        '# whom we ask\nOPENAI_BASE_URL="https://api.openai.com/v1"  # main\nMODEL=\'gpt-4o\'\nPLAIN=gpt\n')
    new = piece.text.replace("api.openai.com", "dashscope.example").replace("gpt-4o", "it's").replace("=gpt", "=on: 1")
    assert load(changed(PAIRED, "# vw\n" + new)) == {
        "kind": "ConfigMap", "metadata": {},
        "data": {"OPENAI_BASE_URL": "https://dashscope.example/v1", "MODEL": "it's", "PLAIN": "on: 1"},
    }
    assert "  # vw\n  # whom we ask\n" in changed(PAIRED, "# vw\n" + new)
    assert '"https://dashscope.example/v1"  # main\n' in changed(PAIRED, new)


def test_a_list_of_assignments_is_one_too() -> None:
    head = "environment:\n  - DEBUG\n  - A_BASE_URL=http://x   # c\n"
    text = f"{head}  # note\n  - other=1\n  - 'B=y: z'\n  - C=1\nimage: x\n"
    piece = pieces(text, fits)[0]
    assert (piece.kind, piece.name) == (LISTED, "environment")
    assert piece.text == "A_BASE_URL=http://x   # c\n# note\n# yaml:  - other=1\nB=y: z\nC=1\n"
    new = piece.text.replace("http://x", "http://y").replace("B=y: z", "B=w") + "D=a: b\n"
    assert changed(text, "# vw\n" + new) == text.replace("http://x", "http://y").replace("y: z", "w").replace(
        "  - A_", "  # vw\n  - A_").replace("- C=1\n", '- C=1\n  - "D=a: b"\n')


def test_a_name_that_stands_twice_in_the_file_stands_once_in_the_mapping() -> None:
    text = "env:\n  A_BASE_URL: x   # the first\n  A_KEY: ${A}\n  Z: 1\n"
    piece = pieces(text, fits)[0]
    new = piece.text + "A_KEY=${B}\n"
    after = changed(text, new)
    assert after == text.replace("${A}", "${B}")
    assert meaning(pieces(after, fits)[0], pieces(after, fits)[0].text) == meaning(piece, new)


def test_pairs_with_something_nested_among_them_are_none() -> None:
    assert pieces("env:\n  A_BASE_URL: x\n  OTHER:\n    - 1\n", fits) == ()
    assert pieces("env:\n  A_BASE_URL: x\n  lower: 1\n", fits) == ()


@pytest.mark.parametrize("line", [
    "cat > /tmp/c.yaml << 'EOF'", "cat <<EOF > /tmp/c.yaml", "cat <<-\"EOF\" >/tmp/c.yaml", "cat >/tmp/c.yaml <<EOF",
])
def test_what_a_script_writes_into_a_file(line: str) -> None:
    script = f"{line}\nmodel_list:\n  - a\nEOF\nexec litellm\n"
    piece = pieces(script, fits)[0]
    assert (piece.name, piece.text) == ("/tmp/c.yaml", "model_list:\n  - a\n")
    assert changed(script, piece.text + "more: 1\n") == script.replace("EOF\nexec", "more: 1\nEOF\nexec")


def test_a_script_that_is_an_entry_of_a_list() -> None:
    script = "cat <<EOF >c\nmodel_list:\n  - a\nEOF\n"
    text = "command:\n  - |\n" + "".join(f"    {line}\n" for line in script.splitlines()) + "image: x\n"
    piece = pieces(text, fits)[0]
    assert (piece.name, piece.text) == ("command[]", script)


def test_what_is_folded_is_named_and_not_edited() -> None:
    assert closed("data:\n  c.yaml: >-\n    model_list:\n", fits) == "c.yaml"
    assert closed("data:\n  c.yaml: >-\n    other:\n  d: y\n", fits) == ""


def test_a_string_in_quotes_is_a_piece_with_the_keys_above_it() -> None:
    text = 'data:\n  "c.yaml": "model_list:\\n  - a\\n"\n  other: "model_list:\\n"\n'
    first, second = pieces(text, fits)
    assert (first.name, first.kind, first.text) == ("data.c.yaml", QUOTED, "model_list:\n  - a\n")
    assert (second.name, text[second.start:second.end], second.first) == ("data.other", '"model_list:\\n"', 2)
    after, _ = splice(text, put(text, first, "model_list:\n# b\n  - c\n"))
    assert after == text.replace("  - a\\n", "# b\\n  - c\\n")


def test_kubectls_own_copy_is_left_alone() -> None:
    key = "kubectl.kubernetes.io/last-applied-configuration"
    assert pieces(f'a:\n  {key}: |\n    model_list: []\n  "{key}": "model_list:\\n"\n', fits) == ()


inner = st.lists(st.sampled_from(["model_list:", "  - a", "", "# c", "  - 'b: {{ x }}'", "\tq", "  |", "k: é"]))


@settings(max_examples=60, deadline=None)
@given(inner, inner, st.integers(1, 5), st.sampled_from(["|", "|-", "|+"]), st.sampled_from(["\n", "\r\n"]),
       st.sampled_from(["", "\ufeff"]), st.booleans())
def test_put_is_exact_and_goes_back(
        old: list[str], new: list[str], deep: int, mark: str, end: str, bom: str, more: bool) -> None:
    body = "".join(f"{' ' * deep}{line}{end}" if line else end for line in ["model_list:", *old, "end: 1"])
    text = f"{bom}c.yaml: {mark}{end}{body}" + (f"z: {{{{ broken{end}" if more else "")
    piece = pieces(text, fits)[0]
    assert piece.text == "".join(f"{line}{end}" for line in ["model_list:", *old, "end: 1"])
    wanted = "".join(f"{line}{end}" for line in ["model_list:", *new, "end: 1"])
    after, back = splice(text, put(text, piece, wanted))
    assert pieces(after, fits)[0].text == wanted
    assert splice(after, back)[0] == text
    kept = lines_of(text)
    assert lines_of(after)[0] == kept[0]
    assert not more or lines_of(after)[-1] == kept[-1]
