"""Small files, small functions: the band of DESIGN §7. Complexity and parameters are ruff's (`make check`)."""

import ast
import statistics

from house import name, sources, tree

FILE_LINES = 300
FUNCTION_STATEMENTS = 30
WIDE = {"Exception", "BaseException"}


def _functions() -> list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    return [(name(path), node) for path in sources() for node in ast.walk(tree(path))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_no_file_is_two_rooms_in_one() -> None:
    long = [(name(path), lines) for path in sources()
            if (lines := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES]
    assert long == []


def test_functions_are_short() -> None:
    def statements(function: ast.AST) -> int:
        return sum(isinstance(node, ast.stmt) for node in ast.walk(function)) - 1

    long = [(path, node.name, count) for path, node in _functions()
            if (count := statements(node)) > FUNCTION_STATEMENTS + 10]
    assert long == []


def test_the_mean_function_stays_in_the_band() -> None:
    lengths = [(node.end_lineno or node.lineno) - node.lineno + 1 for _, node in _functions()]
    assert statistics.mean(lengths) <= 14


def test_every_module_says_what_its_room_is_for() -> None:
    silent = [name(path) for path in sources()
              if path.read_text(encoding="utf-8").strip() and not ast.get_docstring(tree(path))]
    assert silent == []


def test_nobody_catches_everything_but_those_who_tell_of_it() -> None:
    # the writer hands every error on to whoever waits for the row; the app's jobs become an alert about ourselves
    allowed = {"monitor/cycle.py", "monitor/courier.py", "probes/run.py", "monitor/store/writer.py", "monitor/app.py"}
    guilty = []
    for path in sources():
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.ExceptHandler):
                continue
            wide = node.type is None or (isinstance(node.type, ast.Name) and node.type.id in WIDE)
            raised_again = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
            if wide and not raised_again and name(path) not in allowed:
                guilty.append((name(path), node.lineno))
    assert guilty == []
