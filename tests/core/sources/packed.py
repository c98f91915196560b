"""Archives as people bring them, made from names and bytes."""

import copy
import io
import struct
import tarfile
import zipfile
import zlib


def zip_bytes(entries, method=zipfile.ZIP_DEFLATED):
    """A zip; names that are bytes are written as they are, and it doesn't say how they are to be read."""
    whole, swaps = io.BytesIO(), []
    with zipfile.ZipFile(whole, "w", method) as archive:
        for number, (name, data) in enumerate(entries.items()):
            if isinstance(name, bytes):
                stand_in = f"@{number}".ljust(len(name), "~")
                swaps.append((stand_in.encode(), name))
                name = stand_in
            archive.writestr(name, data)
    made = whole.getvalue()
    for stand_in, name in swaps:
        made = made.replace(stand_in, name)
    return made


def add_overlapping(archive, names):
    """Names of an opened zip's first file anew: the same bytes, claimed once for each."""
    for name in names:
        again = copy.copy(archive.filelist[0])
        again.filename = name
        archive.filelist.append(again)


def zip_of_one(name, data, packed, method, flags=0):
    """A zip of one file that was packed by any method."""
    about = struct.pack("<HHHHH", 20, flags, method, 0, 0x21) + struct.pack(
        "<IIIHH", zlib.crc32(data), len(packed), len(data), len(name), 0
    )
    local = b"PK\3\4" + about + name.encode() + packed
    directory = b"PK\1\2" + struct.pack("<H", 20) + about + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name.encode()
    return local + directory + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(directory), len(local), 0)


def tar_bytes(entries, mode="w", **options):
    """A tar, by a mode such as "w:gz" a packed one; an entry is bytes or a TarInfo."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode=mode, **options) as archive:
        for name, data in entries.items():
            info = data if isinstance(data, tarfile.TarInfo) else tarfile.TarInfo(name)
            if isinstance(data, bytes):
                info.size = len(data)
            archive.addfile(info, io.BytesIO(data) if isinstance(data, bytes) else None)
    return whole.getvalue()


def deflate_64(literals, length, distance):
    """Bytes below 144, then a match longer and farther back than Deflate has any (RFC 1951, APPNOTE 5.6)."""
    bits = "1" + "10"  # the last block, with the fixed code
    bits += "".join(f"{0x30 + byte:08b}" for byte in literals)
    bits += "11000101" + f"{length - 3:016b}"[::-1]  # 285
    bits += "11110" + f"{distance - 32769:014b}"[::-1]  # 30
    bits += "0000000"  # the end
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i : i + 8][::-1], 2) for i in range(0, len(bits), 8))
