"""`trainvis blob verify`: whether a blob is whole."""

from __future__ import annotations

from pathlib import Path

import click

from . import exits, options, words
from .blob_options import Bar, file_argument, opened

_EPILOG = """\b
Examples
  trainvis blob verify faces.h5
  trainvis blob verify faces.h5 && python train.py
  trainvis blob verify old.lmdb --json | jq .broken

Every field of every record is read, every picture decoded. Of a blob that trainvis built the digest
of the content is taken and compared, the counts of its statistics too, and keys that are there twice
are found. The exit code is 0 where nothing is wrong, else 1."""

_NAMED = 20


@click.command("verify", epilog=_EPILOG)
@file_argument
@options.json_option
def verify_command(path: Path, as_json: bool) -> int:
    """Read all of FILE and say what is wrong with it."""
    from ...datasets.looking.verifying import verify

    with opened(path, stored=True) as blob:
        with Bar("verifying") as bar:
            found = verify(blob, bar)
        if as_json:
            words.print_json(
                {
                    "path": str(path),
                    "sound": found.sound,
                    "records": found.records,
                    "digest": found.digest,
                    "stored_digest": found.stored,
                    "wrong": found.wrong,
                    "broken_count": found.broken_count,
                    "broken": [{"record": at, "key": key, "problem": why} for at, key, why in found.broken],
                }
            )
            return exits.Exit.OK if found.sound else exits.Exit.FAILED
        for at, key, why in found.broken[:_NAMED]:
            words.say(f"record {at:,} {key}: {why}")
        if found.broken_count > _NAMED:
            words.say(f"… {found.broken_count - _NAMED:,} more records cannot be read (--json names {100})")
        for sentence in found.wrong:
            words.say(sentence)
        if not found.sound:
            broken = f"{found.broken_count:,} of {found.records:,} records cannot be read" if found.broken_count else ""
            raise exits.Failure(f"{blob.name} is not whole" + (f": {broken}" if broken else ""))
        proof = f", digest {found.digest[:16]}… as it was built" if found.digest else "; it has no digest to compare"
        words.say(f"{blob.name} is whole: {found.records:,} records can be read{proof}")
        return exits.Exit.OK
