"""Lines of .env files as their readers see them, and edits that leave the rest as it is."""

import pytest

from alerts.env.lines import Edit, cuts, meant, read
from alerts.gateway import PatchRefused
from alerts.surgery.text import splice

TEXT = (
    "\ufeffA=1\n  export B = 'two # 2' # remark\nC=\"a\nb\"\n#D=4\n# prose = with words\nE=x#y # z\nF=\nG=${A}-$B\n"
    "H='${A}'\nI=\"open\nA=2")


def test_what_is_read() -> None:
    file = read(TEXT)
    assert file.values() == {
        "A": "2", "B": "two # 2", "C": "a\nb", "E": "x#y", "F": "", "G": "1-two # 2", "H": "${A}", "I": '"open'}
    assert [line.name for line in file.commented] == ["D"]
    assert file.last("B").remark == "remark"
    assert file.last("B").export


def test_edits_in_a_line_and_below_one() -> None:
    file = read(TEXT)
    edits = [Edit("B", "x", 1), Edit("A", "${F}", 8, after=True)]
    after, back = splice(TEXT, cuts(file, edits, "note"))
    assert read(after).parsed() == meant(file, edits)
    assert "  export B = 'x' # remark # note\n" in after
    assert after.endswith("A=2\nA=${F}")
    assert splice(after, back)[0] == TEXT


def test_a_reference_is_followed() -> None:
    assert read("A=${B}\nB=$C\nC=x\n").reference("A") == "C"
    assert read("A=${A}\n").reference("A") == "A"


@pytest.mark.parametrize("junk", ["", "# A=1\n", "<html>", "a: b\n"])
def test_junk(junk: str) -> None:
    with pytest.raises(PatchRefused):
        read(junk)
