"""Words and variables as people write them."""

import pytest

from alerts.gateway import PatchRefused
from alerts.jsonformats.reading import called, known, linted, note_for, same, says_whatever, stem, variable, vetted
from alerts.model import Route, Severity

ROUTES = (Route("openai,gpt-4o", key="a", also=("gpt-4o", "openai")), Route("azure,gpt-4o", key="b", also=("gpt-4o",)))


@pytest.mark.parametrize(("value", "name"), [
    ("$KEY", "KEY"), ("${KEY}", "KEY"), ("${KEY:-none}", "KEY"), ("${env:KEY}", "KEY"), ("{{ KEY }}", "KEY"),
    ("env.KEY", "KEY"), ("os.environ/KEY", "KEY"), ("process.env.KEY", "KEY"), ("%KEY%", "KEY"), ("{env:KEY}", "KEY"),
    ("sk-literal", ""), ("KEY", ""), ("", ""), ("$KEY and more", "")])
def test_variables_by_name(value: str, name: str) -> None:
    assert variable(value) == name


def test_a_word_names_routes_by_the_first_kind_of_name_that_any_has() -> None:
    assert called("OpenAI, GPT-4o", ROUTES) == [ROUTES[0]]
    assert called("gpt-4o", ROUTES) == list(ROUTES)
    assert called("b", ROUTES) == [ROUTES[1]]
    assert called("nobody", ROUTES) == called("", ROUTES) == []
    assert known(ROUTES) == "openai,gpt-4o, azure,gpt-4o"
    assert known(ROUTES, 1).endswith(" …")
    assert known(()) == "none"


def test_words_for_whatever_a_file_is_about() -> None:
    assert says_whatever("Default")
    assert says_whatever("support-bot", "/etc/support-bot.json")
    assert not says_whatever("support-bot", "/etc/other.json")
    assert not says_whatever("", "")
    assert (stem("a/b.portkey.json"), stem("")) == ("b", "")
    assert same("A , b", "a,B")


def test_faults_of_the_text_itself() -> None:
    root, found = vetted("{", strict=True)
    assert root is None
    assert [one.severity for one in found] == [Severity.CRITICAL]
    assert [one.where for one in vetted('{"a": 1,\n "a": 2, // x\n}', strict=True)[1]] == ["line 2", "line 2"]
    assert vetted('{"a": 1, // x\n}', strict=False)[1] == ()


def test_a_note_only_where_a_comment_is_welcome() -> None:
    assert note_for('{"a": 1}', "N") == ""
    assert note_for('{"a": 1} // x', "N") == "N"


def test_what_cannot_be_read_is_a_fault_beside_those_of_the_text() -> None:
    def nothing(_: str) -> str:
        raise PatchRefused("none of ours")

    assert linted('{"a": 1}', len, strict=True) == (8, ())
    assert linted("{", len, strict=True)[0] is None
    said, faults = linted('{"a": 1, "a": 2}', nothing, strict=True)
    assert said is None
    assert [fault.what for fault in faults] == ["a stands twice in one object; the last one counts", "none of ours"]
