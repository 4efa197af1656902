"""Reads ZIP archives with Python's zipfile and prints what it saw for foreign-readers.ts; the lines are those of ReadArchive.java.

Run with -W error: what Python warns of is an error here.
"""

import hashlib
import stat
import sys
import zipfile
import zlib


def main(paths):
    for number, path in enumerate(paths):
        with zipfile.ZipFile(path) as archive:
            broken = archive.testzip()
            if broken is not None:
                raise SystemExit(f"testzip: {broken}")
            for info in archive.infolist():
                print(*read_entry(archive, number, info), sep="\t")


def read_entry(archive, number, info):
    digest, crc, size = hashlib.sha256(), 0, 0
    with archive.open(info) as data:
        while block := data.read(1 << 16):
            digest.update(block)
            crc = zlib.crc32(block, crc)
            size += len(block)
    mode = info.external_attr >> 16
    kind = "l" if stat.S_ISLNK(mode) else "d" if info.is_dir() else "f"
    name = info.filename.encode("utf-8").hex()
    # date_time is the DOS field alone, in whatever zone it was written: no instant follows from it.
    return number, name, kind, size, f"{crc:x}", f"{stat.S_IMODE(mode):o}", "-", digest.hexdigest()


main(sys.argv[1:])
