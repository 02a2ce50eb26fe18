"""What is in an archive: its members, in order, and how large each may be."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dlrun.files import METADATA_LIMIT
from dlrun.spec.yaml import MAX_BYTES

FORMAT = "dlrun archive"
VERSION = 1

ADVICE = "get another copy of the file"
"""What to do about an archive that is broken."""

MANIFEST = "manifest.json"
CARD = "card.md"
SPEC = "spec.yaml"
RESOLVED = "resolved.yaml"
ENVIRONMENT = "environment.json"
RESULT = "result.json"
METRICS = "metrics.csv"
LOSS = "loss.json"
WEIGHTS = "weights.safetensors"

LIMITS: Mapping[str, int] = MappingProxyType(
    {
        MANIFEST: 2**16,
        CARD: 2**20,
        SPEC: MAX_BYTES,
        RESOLVED: MAX_BYTES,
        ENVIRONMENT: 2**20,
        RESULT: 2**20,
        METRICS: METADATA_LIMIT,
        LOSS: 2**20,
        WEIGHTS: 2**40,
    }
)
"""Maximum bytes of each member, in the order of the file.  None is compressed, so a member is also
never larger than the file."""

OPTIONAL = frozenset({SPEC, METRICS, LOSS})
"""Members that an archive may lack."""
