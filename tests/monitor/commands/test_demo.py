"""`demo` exits by what the story's verdict was. The story itself is tests/monitor/demo."""

import sys

import pytest
from terminal import Command


@pytest.mark.parametrize(("passed", "code", "said"), [
    (True, 0, "The whole story was told rightly."), (False, 1, "Something was missed or went wrong")])
def test_the_exit_code_is_the_verdict(
    vendorwatch: Command, monkeypatch: pytest.MonkeyPatch, passed: bool, code: int, said: str
) -> None:
    monkeypatch.setattr("monitor.demo.play.play", lambda console: passed)
    done = vendorwatch("demo")
    assert done.code == code
    assert said in done.out
    assert done.out.startswith("One second here is one minute"), "time is scaled openly"


def test_without_the_extra_it_says_what_to_install(vendorwatch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)
    assert vendorwatch("demo").problem == "stand-in vendors need trustme: pip install 'vendorwatch[demo]'"
