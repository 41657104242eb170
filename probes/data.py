"""The data that comes with the code: YAML files beside it.

Parsed once, then kept as Python keeps its compiled sources: in __pycache__, by Python's own loader. What is kept is
believed only while the file still holds the very bytes it was made of; where it cannot be kept, every start parses.
"""

from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any
from zlib import crc32

_FORM = 1    # raise it when what is kept changes its form


def read_data(path: Path) -> Any:
    """What a YAML file of ours holds. Raises ValueError for one that is none."""
    kept = ModuleType(path.stem)
    _Kept(path.stem, str(path)).exec_module(kept)
    return kept.FOUND


class _Kept(SourceFileLoader):
    def path_stats(self, path: Any) -> dict[str, int]:
        """In the place of Python's time stamp, which two versions of a file may share."""
        text = self.get_data(path)
        return {"mtime": crc32(text, _FORM), "size": len(text)}

    def source_to_code(self, data: Any, path: Any, *, _optimize: int = -1) -> CodeType:  # type: ignore[override]
        """The file's value, written as Python."""
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError

        try:
            found = YAML(typ="safe").load(bytes(data).decode("utf-8"))
        except YAMLError as error:
            raise ValueError(f"{path}: {error}") from error
        return compile(f"import datetime\nFOUND = {found!r}\n", path, "exec", dont_inherit=True)
