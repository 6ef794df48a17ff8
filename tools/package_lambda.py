#!/usr/bin/env python3
"""Packs the Lambda binary: the same bytes in, the same zip out, on any machine at any time.

    tools/package_lambda.py x86_64=BINARY arm64=BINARY

Each becomes deploy/aws/build/{architecture}/souk.zip, with the one entry `bootstrap` (mode 0755), and souk.zip.sha256
beside it. Prints the checksums. A binary of another architecture, one that is not static, or one too large is refused.
"""

import hashlib
import pathlib
import struct
import sys
import zipfile

root = pathlib.Path(__file__).resolve().parent.parent
target = root / "deploy/aws/build"
machines = {"x86_64": 62, "arm64": 183}  # e_machine. Source: ELF specification.
executable = 0o100755
first_date = (1980, 1, 1, 0, 0, 0)  # The earliest that a zip can tell.
size_max = 50_000_000  # Unit: bytes. Source: Lambda quotas, a zip that is uploaded directly.
program_interpreter = 3  # PT_INTERP: names the dynamic linker, which provided.al2023 has in another version.


def check(architecture: str, binary: bytes) -> None:
    """Refuses what Lambda could not start."""
    if binary[:5] != b"\x7fELF\x02":
        raise SystemExit(f"{architecture}: not a 64-bit ELF file")
    if struct.unpack_from("<H", binary, 18)[0] != machines[architecture]:
        raise SystemExit(f"{architecture}: built for another machine")
    at, size, count = *struct.unpack_from("<Q", binary, 32), *struct.unpack_from("<HH", binary, 54)
    if any(struct.unpack_from("<I", binary, at + i * size)[0] == program_interpreter for i in range(count)):
        raise SystemExit(f"{architecture}: not static")


def pack(architecture: str, binary: bytes) -> str:
    """Writes the zip and its checksum, which is returned."""
    check(architecture, binary)
    path = target / architecture / "souk.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    entry = zipfile.ZipInfo("bootstrap", first_date)
    entry.external_attr = executable << 16
    entry.create_system = 3  # Unix: what else would hold a mode.
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, binary, compresslevel=9)
    packed = path.read_bytes()
    if len(packed) > size_max:
        raise SystemExit(f"{path}: {len(packed)} bytes are more than Lambda takes")
    digest = hashlib.sha256(packed).hexdigest()
    path.with_name("souk.zip.sha256").write_text(f"{digest}  souk.zip\n")
    return digest


def main(words: list[str]) -> None:
    pairs = [word.partition("=") for word in words]
    if not pairs or any(name not in machines or not path for name, _, path in pairs):
        raise SystemExit(__doc__)
    for name, _, path in pairs:
        digest = pack(name, pathlib.Path(path).read_bytes())
        print(f"{digest}  {(target / name / 'souk.zip').relative_to(root)}")


if __name__ == "__main__":
    main(sys.argv[1:])
