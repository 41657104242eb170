"""Where a patch lands: for now a folder. Nothing here touches a gateway; a person, or their pipeline, applies it."""

import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from secrets import token_hex

from alerts.channel import DeliveryError
from alerts.landing import digest
from alerts.model import Patch, RoutingChange
from alerts.wholefile import write_whole


@dataclass(frozen=True, slots=True)
class FileOutlet:
    """Writes <folder>/<change id>.diff and .json. The whole config is not written: it may hold secrets of its own."""

    def put(self, patch: Patch, change: RoutingChange, folder: Path) -> Path:
        """The path of the diff. Put twice, it is the same two files. Raises DeliveryError (permanent)."""
        name = re.sub(r"[^\w.-]", "_", change.id).lstrip(".") or "change"
        diff = folder / f"{name}.diff"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _write(folder / f"{name}.json", json.dumps(_record(patch, change), ensure_ascii=False, indent=2) + "\n")
            _write(diff, patch.diff)    # last: whoever sees the diff finds its record too
        except OSError as error:
            reason = f"{folder}: cannot be written ({error.strerror or type(error).__name__})"
            raise DeliveryError(reason, permanent=True) from error
        return diff


def _record(patch: Patch, change: RoutingChange) -> dict[str, object]:
    said = {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in asdict(change).items()}
    digests = {
        "base_sha256": digest(patch.reverted),         # a config that is no longer this is stale
        "patched_sha256": digest(patch.patched),
    }
    return {
        "change": said, "gateway": patch.gateway, "path": patch.path, **digests, "diff": patch.diff,
        "warnings": list(patch.warnings), "apply": patch.apply,
    }


def _write(path: Path, text: str) -> None:
    write_whole(path, text, path.with_name(f".{path.name}.{token_hex(4)}"), lambda handle: os.fchmod(handle, 0o640))
