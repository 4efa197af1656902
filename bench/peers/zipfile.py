"""Python's zipfile, one file after the other through zlib."""

import os
import sys
import zipfile

level, out, folder = sys.argv[1:]
with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=int(level)) as archive:
    for parent, _, names in os.walk(folder):
        for name in names:
            archive.write(os.path.join(parent, name))
