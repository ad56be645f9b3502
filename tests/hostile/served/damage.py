"""Damage to bytes, and to what is inside archives whose checksums hold again; files that swell."""

import io
import json
import struct
import zipfile
import zlib
from contextlib import suppress

import numpy as np
from safetensors.torch import load as read_tensors
from safetensors.torch import save as write_tensors

from wordtensor.nets.files import _checksum

ODD = (
    None, True, -1, 0, 1, 2**31, 2**63, 10**30, 0.5, -0.0, 1e308, float("nan"), float("inf"), "",
    "a", "<9999,9999,9999>", "\x1b[31m", "\u202e", "nan", [], {}, [[]], [0] * 9, {"a": 1}, "é" * 99,
)  # fmt: skip


def damaged(content, rng):
    """Return bytes that were damaged in one of many ways, most of which checksums do not see."""
    ways = [bytes_of]
    if content[:2] == b"PK":
        ways = [bytes_of, member_of, member_of, header_of, header_of, header_of]
    elif content[8:9] == b"{" and content[:1] not in b"{[":
        ways = [bytes_of, safetensors_of, safetensors_of]
    elif is_json(content):
        ways = [bytes_of, json_of, json_of]
    return ways[rng.integers(len(ways))](content, rng)


def is_json(content):
    """Tell JSON, or lines of it, from braces and brackets of another notation."""
    for text in (content, content.partition(b"\n")[0]):
        with suppress(ValueError):
            return content[:1] in b"{[" and json.loads(text) is not None
    return False


def bytes_of(content, rng):
    """Flip, cut, put in, take out, repeat or blank bytes."""
    made = bytearray(content)
    place = int(rng.integers(len(made) + 1)) if made else 0
    size = int(rng.choice([1, 2, 4, 16, 200]))
    way = rng.integers(8)
    if way <= 1:
        for where in rng.integers(len(made), size=int(rng.choice([1, 1, 3]))) if made else ():
            made[where] ^= 1 << int(rng.integers(8))
    elif way == 2:
        del made[place:]
    elif way == 3:
        made[place:place] = rng.bytes(size)
    elif way == 4:
        del made[place : place + size]
    elif way == 5:
        made[place:place] = made[place : place + size]
    elif way == 6:
        made[place : place + size] = bytes([int(rng.choice([0, 255, 32, 57]))]) * size
    else:
        made += rng.bytes(size)
    return bytes(made)


def member_of(content, rng):
    """Damage, drop or rename a member of an archive, with checksums that hold."""
    members = unpacked(content)
    name = list(members)[rng.integers(len(members))]
    way = rng.integers(8)
    if way == 0:
        del members[name]
    elif way == 1:
        members[f"{name}x"] = members.pop(name)
    elif way == 2:
        members["other.npy"] = members[name]
    elif way == 3:
        other = list(members)[rng.integers(len(members))]
        members[name], members[other] = members[other], members[name]
    elif way == 4:
        members[name] = odd_array(members[name], rng)
    else:
        members[name] = bytes_of(members[name], rng)
    return packed(members)


def odd_array(member, rng):
    """Return the member with another type, shape or entry."""
    try:
        array = np.load(io.BytesIO(member))
    except ValueError:
        return member
    if array.dtype.kind == "U":  # a text becomes another one, or none
        return npy(rng.choice(np.array([np.str_(""), np.str_("x" * 1000), np.str_("\x1b[2J")])))
    way = rng.integers(6)
    if way == 0:
        array = array.astype(rng.choice(["f4", "c16", "i8", "u1", "S3", "U2", "?", "f2", "M8[s]"]))
    elif way == 1:
        array = array[..., :-1] if array.ndim else array
    elif way == 2:
        array = array[None]
    elif way == 3:
        array = array.ravel()
    elif array.size and array.dtype.kind in "fiu":
        odd = [np.nan, np.inf, 1e308, -1e-308] if array.dtype.kind == "f" else [0, 1, 127]
        flat = array.flatten()
        with np.errstate(over="ignore"):
            flat[rng.integers(array.size)] = np.array(odd[rng.integers(len(odd))], array.dtype)
        array = flat.reshape(array.shape)
    else:
        array = np.zeros(array.shape, dtype=array.dtype)
    return npy(array)


def header_of(content, rng):
    """Change the JSON header of an archive."""
    members = unpacked(content)
    if "header.npy" not in members:
        return member_of(content, rng)
    header = json.loads(np.load(io.BytesIO(members["header.npy"])).tobytes())
    return with_header(members, changed(header, rng))


def with_header(members, header):
    """Pack members with another header."""
    text = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
    return packed(members | {"header.npy": npy(text)})


def safetensors_of(content, rng):
    """Change our header or a number of a safetensors file so that its checksum holds, or theirs."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    way = rng.integers(4)
    if way == 0 or "__metadata__" not in header:  # somebody else's
        return safetensors_with(changed(header, rng), content[8 + length :])
    own = json.loads(header["__metadata__"]["wordtensor"])
    tensors = {name: t.clone() for name, t in read_tensors(content).items()}
    if way == 1:
        flat = tensors[list(tensors)[rng.integers(len(tensors))]].view(-1)
        odd = [0, 1, -1, float("nan"), float("inf"), 1e30]
        flat[int(rng.integers(len(flat)))] = odd[rng.integers(3 + 3 * flat.is_floating_point())]
    else:
        own = changed(own, rng)
    return safetensors_forged(own, tensors)


def safetensors_with(header, rest):
    """Return a file of a header and the bytes of numbers."""
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + rest


def safetensors_forged(header, tensors):
    """Return a file as `write_safetensors` makes it, with any header."""
    if isinstance(header, dict):
        header.pop("checksum", None)
        header["checksum"] = _checksum(tensors, header)
    return write_tensors(tensors, {"wordtensor": json.dumps(header)})


def json_of(content, rng):
    """Change a value in lines of JSON, or in one that takes the whole file."""
    try:
        return json.dumps(changed(json.loads(content), rng)).encode()
    except ValueError:
        lines = content.decode().splitlines()
        chosen = int(rng.integers(len(lines)))
        lines[chosen] = json.dumps(changed(json.loads(lines[chosen]), rng))
        return "\n".join(lines).encode()


def changed(value, rng):
    """Replace, drop or add something somewhere in a JSON value."""
    if isinstance(value, dict | list) and value and rng.integers(8):
        made = dict(value) if isinstance(value, dict) else list(value)
        key = list(made)[rng.integers(len(made))] if isinstance(made, dict) else int(
            rng.integers(len(made))
        )  # fmt: skip
        if rng.integers(8):
            made[key] = changed(made[key], rng)
        else:
            del made[key]
        return made
    return ODD[rng.integers(len(ODD))]


def unpacked(content):
    """Return the members of an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(members):
    """Return an archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return stream.getvalue()


def npy(array):
    """Return an array as the bytes of a npy file."""
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


def bomb(members, name, head, size):
    """Return an archive in which one member is a head and then so many zeros, in few bytes."""
    piece = 2**24
    size -= size % piece
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    start = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    zeros = packer.compress(bytes(piece)) + packer.flush(zlib.Z_FULL_FLUSH)
    data = start + zeros * (size // piece) + packer.flush()
    checksum = zlib.crc32(head)
    for _ in range(size // piece):
        checksum = zlib.crc32(bytes(piece), checksum)
    kept = {other: member for other, member in members.items() if other != name}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for other, member in kept.items():
            archive.writestr(other, member)
        # As zipfile writes it: a local header, the bytes, and an entry of the directory.
        entry = zipfile.ZipInfo(name)
        entry.compress_type, entry.CRC = zipfile.ZIP_DEFLATED, checksum
        entry.file_size, entry.compress_size = len(head) + size, len(data)
        entry.header_offset = stream.tell()
        stream.write(entry.FileHeader())
        stream.write(data)
        archive.start_dir = stream.tell()
        archive.filelist.append(entry)
        archive.NameToInfo[name] = entry
        archive._didModify = True
    return stream.getvalue()


def claimed(shape, dtype):
    """Return the head of a npy file of a shape, without its numbers."""
    header = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header


def claims(content):
    """Yield contents in each of which one number of a header, or of a file of text, is huge."""
    if content[:2] == b"PK":
        yield from archive_claims(unpacked(content))
    elif content[8:9] == b"{" and content[:1] not in b"{[":
        length = int.from_bytes(content[:8], "little")
        own = json.loads(json.loads(content[8 : 8 + length])["__metadata__"]["wordtensor"])
        for header in enlarged(own):
            yield safetensors_forged(header, read_tensors(content))
        for size in (2**31, 2**62):
            yield size.to_bytes(8, "little") + content[8:]
    elif content.startswith(b"\x93NUMPY"):
        for shape in ((99999, 99999), (2**40,), (2**62, 4)):
            yield claimed(shape, "<f8") + content[-200:]
    else:
        try:
            values = json.loads(content)
        except ValueError:
            values = [json.loads(line) for line in content.splitlines()]
            for made in enlarged(values):
                yield "\n".join(json.dumps(line) for line in made).encode()
            return
        for made in enlarged(values):
            yield json.dumps(made).encode()


def archive_claims(members):
    """Yield archives with one array that claims to be huge, or one huge number in the header."""
    for name in members:
        for shape in ((99999, 99999), (2**62, 4)):
            yield packed(members | {name: claimed(shape, "<f8") + members[name][-200:]})
    if "header.npy" in members:
        header = json.loads(np.load(io.BytesIO(members["header.npy"])).tobytes())
        for made in enlarged(header):
            yield with_header(members, made)


def enlarged(value):
    """Yield a JSON value once for each of its numbers, which is huge then."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield from (10**9, 2**62)
    for key in (
        value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    ):
        for made in enlarged(value[key]):
            whole = dict(value) if isinstance(value, dict) else list(value)
            whole[key] = made
            yield whole
