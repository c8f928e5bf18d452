"""Persons under keyed pseudonyms: stable for one key, of no use without it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from pathlib import Path

from kpitools.errors import SourceError
from kpitools.sources.config import PrivacyConfig, WorkspaceConfig
from kpitools.sources.findings import Finding

KEY_FILE = Path(".kpitools") / "pseudonym.key"
PREFIX = "agent-"
DIGITS = 10


def pseudonym(person: str, key: bytes) -> str:
    """Return the pseudonym of one person.

    Example:
        >>> pseudonym("Becky", b"key") == pseudonym("Becky", b"key") != pseudonym("Jim", b"key")
        True
    """
    return PREFIX + hmac.new(key, person.encode("utf-8"), hashlib.sha256).hexdigest()[:DIGITS]


def pseudonyms(persons: Iterable[str], key: bytes) -> Mapping[str, str]:
    """Return a pseudonym for every person.

    Raises:
        SourceError: two persons would share one, which another key prevents.
    """
    made = {person: pseudonym(person, key) for person in sorted(set(persons))}
    if len(set(made.values())) < len(made):
        raise SourceError(
            "two persons would get the same pseudonym",
            expected="one pseudonym for one person",
            fix="set another privacy.key",
        )
    return made


def pseudonym_key(
    config: WorkspaceConfig, *, folder: Path
) -> tuple[bytes | None, tuple[Finding, ...]]:
    """Return the key of the workspace, and a finding when it is not a secret.

    The configured key comes first, then the file `.kpitools/pseudonym.key` in the workspace,
    then one made from the workspace's name.
    """
    privacy: PrivacyConfig = config.privacy
    if privacy.agents == "plain":
        return None, ()
    if privacy.key:
        return privacy.key.encode("utf-8"), ()
    try:
        kept = (folder / KEY_FILE).read_bytes().strip()
    except OSError:
        kept = b""
    if kept:
        return kept, ()
    finding = Finding(
        kind="pseudonym_key",
        source="",
        table="",
        field="",
        count=0,
        rows=0,
        severity="warning",
        message="Persons are shown under pseudonyms that rest on the workspace's name alone: "
        "whoever knows the names can tell who is who. Set KPITOOLS_PRIVACY_KEY with "
        f"privacy.key, or keep a secret in {KEY_FILE.as_posix()}.",
    )
    made = hashlib.sha256(f"kpitools workspace {config.name}".encode()).digest()
    return made, (finding,)
