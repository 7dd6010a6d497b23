#!/usr/bin/env python3
"""Makes the golden vectors of the link: `python3 test/vectors/link/make.py`, after a change of firmware/protocol/messages.json.

A third implementation, of Python's own hashlib, hmac and zlib, so that neither the C nor the TypeScript grades its own
work. Published values are asserted where there are any. Same seed, same files.
"""
import hashlib
import hmac
import json
import pathlib
import random
import re
import struct
import zlib

HERE = pathlib.Path(__file__).parent
PROTOCOL = json.loads((HERE / "../../../firmware/protocol/messages.json").resolve().read_text())
MADE = "Made by make.py, an implementation of its own, so that neither side here grades its own work."
chance = random.Random(20261125)
u32 = lambda value: struct.pack("<I", value)
hexed = lambda data: data.hex() if data else "-"
mac = lambda key, data: hmac.new(key, data, hashlib.sha256).digest()


def write(name, about, rows):
    lines = [f"# {about}"] + [" ".join(row) for row in rows]
    (HERE / f"{name}.txt").write_text("\n".join(lines) + "\n")


def cobs(raw):
    coded, block = bytearray(), bytearray()
    for index, byte in enumerate(raw):
        if byte == 0:
            coded += bytes([len(block) + 1]) + block
            block = bytearray()
            continue
        block.append(byte)
        if len(block) == 254 and index + 1 < len(raw):
            coded += b"\xff" + block
            block = bytearray()
    return bytes(coded + bytes([len(block) + 1]) + block)


def frame(sender, key, counter, kind, body, version=1, crc=None):
    covered = bytes([version, kind]) + u32(counter) + body
    raw = covered + mac(key, bytes([sender]) + covered)[:8]
    return raw + u32(zlib.crc32(raw) if crc is None else crc)


def make_sums():
    randoms = [(f"random-{size}", chance.randbytes(size)) for size in (1, 17, 146)]
    rows = [["empty", "-", "00000000"], ["check", b"123456789".hex(), u32(0xCBF43926).hex()]]
    write("crc32", f"name bytes crc32-LE. {MADE}", rows + [[n, d.hex(), u32(zlib.crc32(d)).hex()] for n, d in randoms])
    texts = [
        ("empty", b""), ("abc", b"abc"), ("two-blocks", b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
        ("four-blocks", b"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrs"
                        b"mnopqrstnopqrstu"),
        ("55", b"\xbd" * 55), ("56", b"\xbd" * 56), ("64", b"\xbd" * 64), ("1000", b"A" * 1000),
    ]
    assert hashlib.sha256(b"abc").hexdigest() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    write("sha256", "name bytes sha256. FIPS 180-4's examples and the corners of its padding.",
          [[n, hexed(d), hashlib.sha256(d).hexdigest()] for n, d in texts])
    rfc = [
        (b"\x0b" * 20, b"Hi There", 32), (b"Jefe", b"what do ya want for nothing?", 32), (b"\xaa" * 20, b"\xdd" * 50, 32),
        (bytes(range(1, 26)), b"\xcd" * 50, 32), (b"\x0c" * 20, b"Test With Truncation", 16),
        (b"\xaa" * 131, b"Test Using Larger Than Block-Size Key - Hash Key First", 32),
        (b"\xaa" * 131, b"This is a test using a larger than block-size key and a larger than block-size data. The key "
                        b"needs to be hashed before being used by the HMAC algorithm.", 32),
    ]
    assert mac(*rfc[0][:2]).hex() == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    assert mac(*rfc[4][:2])[:16].hex() == "a3b6167473100ee06e0c796c2955552b"
    write("hmac", "name key bytes mac. RFC 4231, all seven (number 5 is cut to 128 bits there).",
          [[f"rfc4231-{i + 1}", k.hex(), d.hex(), mac(k, d)[:size].hex()] for i, (k, d, size) in enumerate(rfc)])


def make_cobs():
    run = bytes(range(1, 255))
    published = [
        ("zero", b"\0", "0101"), ("two-zeros", b"\0\0", "010101"), ("zero-in-middle", b"\x11\x22\0\x33", "0311220233"),
        ("no-zero", b"\x11\x22\x33\x44", "0511223344"), ("trailing-zeros", b"\x11\0\0\0", "0211010101"), ("empty", b"", "01"),
        ("run-254", run, "ff" + run.hex()), ("zero-then-254", b"\0" + run, "01ff" + run.hex()),
        ("run-255", run + b"\xff", "ff" + run.hex() + "02ff"),
        ("run-254-zero", bytes(range(2, 256)) + b"\0", "ff" + bytes(range(2, 256)).hex() + "0101"),
        ("run-253-zero-1", bytes(range(3, 256)) + b"\0\1", "fe" + bytes(range(3, 256)).hex() + "0201"),
    ]
    for name, raw, coded in published:
        assert cobs(raw).hex() == coded, name
    long = chance.randbytes(146)
    rows = [[name, hexed(raw), coded] for name, raw, coded in published] + [["random-146", long.hex(), cobs(long).hex()]]
    write("cobs", "name raw coded (no delimiter). All but the last are the published examples of the encoding.", rows)
    write("bad-cobs", "name coded: no encoder makes these.", [
        ["code-past-end", "0511"], ["zero-inside", "03110022"], ["zero-code", "00"], ["only-code", "02"], ["zero-at-end", "0100"],
    ])


def make_frames():
    key, body = chance.randbytes(32), b"\x01" * 28
    rows = [
        [name, f"{sender:02x}", key.hex(), u32(counter).hex(), f"{kind:02x}", hexed(data),
         (cobs(frame(sender, key, counter, kind, data)) + b"\0").hex()]
        for name, sender, counter, kind, data in [
            ("empty-body", 0, 1, 2, b""), ("zeros", 1, 0, 0x44, bytes(34)), ("unlock", 0, 7, 3, chance.randbytes(28)),
            ("full-body", 1, 0xFFFFFFFF, 0x42, chance.randbytes(128)), ("no-zero", 0, 0x01010101, 5, b"\x01"),
        ]
    ]
    write("frames", f"name sender key counter-LE type body wire. Sender 00 is the Pi, 01 the controller. {MADE}", rows)
    good = frame(0, key, 7, 3, chance.randbytes(28))
    flipped = good[:10] + bytes([good[10] ^ 1]) + good[11:]
    write("bad-frames", "name coded fault. What stood between two delimiters, and the first check it fails: 00 length, 01 encoding, "
          "02 crc, 03 version.", [
              ["too-short", cobs(good[:17]).hex(), "00"], ["one-byte", "05", "00"],
              ["too-long", cobs(chance.randbytes(147)).hex(), "00"], ["no-cobs", "ff" + "11" * 30, "01"],
              ["bit-flipped", cobs(flipped).hex(), "02"], ["crc-wrong", cobs(frame(0, key, 7, 3, body, crc=0)).hex(), "02"],
              ["version-0", cobs(frame(0, key, 7, 3, body, version=0)).hex(), "03"],
              ["version-2", cobs(frame(0, key, 7, 3, body, version=2)).hex(), "03"],
              ["wrong-crc-and-version", cobs(frame(0, key, 7, 3, b"", version=2, crc=1)).hex(), "02"],
          ])
    rows = []
    for index in range(3):
        link_key, pi, controller = chance.randbytes(32), chance.randbytes(16), chance.randbytes(16)
        session = mac(link_key, b"visionvend link 1 session" + pi + controller)
        wire = cobs(frame(0, session, 1, 5, bytes([index]))) + b"\0"
        hello = mac(link_key, b"visionvend link 1 hello")
        rows.append([f"session-{index}"] + [data.hex() for data in (link_key, pi, controller, wire, hello, session)])
    write("sessions", "name linkKey piNonce controllerNonce wire helloKey sessionKey. The wire frame is the Pi's first in that "
          "session (showSignal).", rows)


def example(kind, how):
    """One value of a field's type, as messages.json will say it, and its bytes."""
    number = re.fullmatch(r"([ui])(8|16|32)(?:x(\d+))?", kind)
    if number:
        sign, bits, count = number[1], int(number[2]), int(number[3] or 1)
        low, high = (0, 2**bits - 1) if sign == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        values = [{"low": low, "high": high}.get(how, chance.randint(low, high)) for _ in range(count)]
        packed = b"".join(value.to_bytes(bits // 8, "little", signed=sign == "i") for value in values)
        return (values if number[3] else values[0]), packed
    if kind.startswith("bytes"):
        data = chance.randbytes(int(kind[5:]))
        return data.hex(), data
    if kind == "bool":
        value = {"low": False, "high": True}.get(how, chance.random() < 0.5)
        return value, bytes([value])
    if kind in PROTOCOL["enums"]:
        names = PROTOCOL["enums"][kind]["values"]
        index = {"low": 0, "high": len(names) - 1}.get(how, chance.randrange(len(names)))
        return names[index], bytes([index])
    names = PROTOCOL["flags"][kind]["bits"]
    bits = {"low": 0, "high": 2 ** len(names) - 1}.get(how, chance.getrandbits(len(names)))
    return [name for index, name in enumerate(names) if bits >> index & 1], struct.pack("<H", bits)


def beyond(kind):
    """The bytes one beyond a closed type's last value, or None where every value is good."""
    if kind == "bool":
        return b"\x02"
    if kind in PROTOCOL["enums"]:
        return bytes([len(PROTOCOL["enums"][kind]["values"])])
    if kind in PROTOCOL["flags"]:
        return struct.pack("<H", 1 << len(PROTOCOL["flags"][kind]["bits"]))
    return None


def make_messages():
    rows, bad, holds = [], [], {}
    stamp = [{"name": "eventId", "type": "u32"}, {"name": "atMs", "type": "u32"}]
    for message in PROTOCOL["messages"]:
        fields = (stamp if message.get("event") else []) + message["fields"]
        kind = f"{message['type']:02x}"
        for how in ("low", "high", "some"):
            name, body, places = f"{message['name']}-{how}", b"", []
            holds[name] = {"type": message["name"]}
            for field in fields:
                value, packed = example(field["type"], how)
                holds[name][field["name"]] = value
                places.append((len(body), field))
                body += packed
            rows.append([name, kind, hexed(body)])
        bad.append([f"{message['name']}-short", kind, hexed(body[:-1])])
        bad.append([f"{message['name']}-long", kind, hexed(body + b"\0")])
        for at, field in places:
            wrong = beyond(field["type"])
            if wrong is not None:
                bad.append([f"{message['name']}-{field['name']}", kind, hexed(body[:at] + wrong + body[at + len(wrong):])])
    write("messages", f"name type body. What the fields hold stands in messages.json under the same name. {MADE}", rows)
    write("bad-messages", "name type body: wrong lengths, and each closed field one beyond its last value.", bad)
    (HERE / "messages.json").write_text(json.dumps(holds, indent=1) + "\n")


make_sums()
make_cobs()
make_frames()
make_messages()
