#!/usr/bin/env python3
"""Makes vectors.json: batches of the signed feed, written from docs/FEED_FORMAT.md alone.

Standard library only; Ed25519 is RFC 8032 section 6 in plain integers (slow, not constant-time, good for vectors).
    python3 make_vectors.py            writes vectors.json beside this file
    python3 make_vectors.py --check    exits 1 when the file differs from what would be written
"""
import hashlib
import json
import os
import sys


def sha(data):
    return hashlib.sha256(data).digest()


# ---------------------------------------------------------------- Ed25519

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * ROOT % P
    return P - x if x & 1 != sign else x


BY = 4 * pow(5, P - 2, P) % P
BX = recover_x(BY, 0)
BASE_POINT = (BX, BY, 1, BX * BY % P)


def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(s, p):
    q = (0, 1, 1, 0)
    while s:
        if s & 1:
            q = add(q, p)
        p = add(p, p)
        s >>= 1
    return q


def compress(p):
    z = pow(p[2], P - 2, P)
    return (p[1] * z % P | (p[0] * z % P & 1) << 255).to_bytes(32, "little")


def expand(secret):
    h = hashlib.sha512(secret).digest()
    a = int.from_bytes(h[:32], "little") & (1 << 254) - 8 | 1 << 254
    return a, h[32:]


def public_key(secret):
    return compress(multiply(expand(secret)[0], BASE_POINT))


def sign(secret, message):
    a, prefix = expand(secret)
    key = compress(multiply(a, BASE_POINT))
    r = int.from_bytes(hashlib.sha512(prefix + message).digest(), "little") % L
    point = compress(multiply(r, BASE_POINT))
    h = int.from_bytes(hashlib.sha512(point + key + message).digest(), "little") % L
    return point + ((r + h * a) % L).to_bytes(32, "little")


# ---------------------------------------------------------------- primitives

def varint(n):
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def zigzag(n):
    return varint(2 * n if n >= 0 else -2 * n - 1)


def prefixed(data):
    return varint(len(data)) + data


def text(s):
    return prefixed(s.encode("utf-8"))


def node(name):
    code, _, slug = name.partition("/")
    return int(code).to_bytes(5, "big") + text(slug)


LANES = {"bulk": 0, "urgent": 1}


def replica(r):
    return node(r["node"]) + varint(r["incarnation"]) + bytes([LANES[r["lane"]]])


def dot(d):
    return replica(d) + varint(d["index"])


def vector(entries):
    return varint(len(entries)) + b"".join(dot(e) for e in entries)


def value(v):
    kind = v["type"]
    if kind == "null":
        return b"\x00"
    if kind == "bool":
        return b"\x11" if v["text"] == "true" else b"\x10"
    if kind in ("integer", "date", "timestamp"):
        tag = {"integer": b"\x12", "date": b"\x15", "timestamp": b"\x16"}[kind]
        return tag + zigzag(int(v["text"]))
    if kind in ("decimal", "text", "json"):
        return {"decimal": b"\x13", "text": b"\x14", "json": b"\x19"}[kind] + text(v["text"])
    if kind == "uuid":
        return b"\x17" + bytes.fromhex(v["text"])
    if kind == "bytes":
        return b"\x18" + prefixed(bytes.fromhex(v["text"]))
    if kind == "deleted":
        items = [bytes([c["field"]]) + vector(c["context"]) for c in v["contexts"]]
        return b"\x1a" + varint(len(items)) + b"".join(items)
    if kind == "verified":
        items = [bytes([d["field"]]) + dot(d["dot"]) + zigzag(d["time"]) + text(d["actor"])
                 for d in v["dots"]]
        return b"\x1b" + varint(len(items)) + b"".join(items)
    raise ValueError(kind)


# ---------------------------------------------------------------- changes

def metadata(c):
    cause = b"\x00"
    if c["restores"]:
        cause = b"\x01" + varint(len(c["restores"])) + b"".join(dot(d) for d in c["restores"])
    return (varint(c["index"]) + varint(c["ledger"]) + text(c["key"])
            + c["time"].to_bytes(8, "big", signed=True) + text(c["actor"]) + cause)


def salt(c, w):
    return sha(b"\x10" + bytes.fromhex(c["seed"]) + bytes([w["field"]]))[:16]


def leaf_digest(c, w):
    base = sha(b"\x03" + vector(w["base"]))
    return sha(b"\x00" + bytes([w["field"], w["rank"]]) + base + value_digest(c, w))


def value_digest(c, w):
    return sha(b"\x04" + salt(c, w) + value(w["value"]))


def masked_value(m):
    step = varint(m["step"]) if m["mask"] == 2 else b""
    return b"\x03" + bytes([m["mask"]]) + step + value(m["shown"])


def mask_proof(c, w, m, author):
    """What the masking node says of a field, and its signature."""
    secret = bytes.fromhex(m["privateKey"])
    receiver = node(m["receiver"]) if m["mask"] == 4 else b""
    said = masked_value(m) + receiver + node(m["masker"])
    message = (b"huijia-mask-v1\0\0" + dot(at(author, c["index"])) + leaf_digest(c, w) + said)
    return said + sha(public_key(secret)) + prefixed(sign(secret, message))


def change_digest(c):
    return sha(b"\x01" + metadata(c) + b"".join(leaf_digest(c, w) for w in c["writes"]))


def encode_change(c, fields, masks, author):
    """fields: the shown field numbers, or None for all, with the seed. masks: those that are shown masked."""
    shown = [w for w in c["writes"] if fields is None or w["field"] in fields]
    whole = len(shown) == len(c["writes"]) and not masks
    bases = []
    for w in shown:
        if vector(w["base"]) not in bases:
            bases.append(vector(w["base"]))
    out = (b"\x00" if whole else b"\x01") + metadata(c) + varint(len(bases)) + b"".join(bases)
    if whole:
        out += bytes.fromhex(c["seed"])
    out += varint(len(c["writes"]))
    for w in c["writes"]:
        body = bytes([w["field"], w["rank"]])
        if w not in shown:
            out += b"\x02" + leaf_digest(c, w)
            continue
        body += bytes([bases.index(vector(w["base"]))])
        mask = [m for m in masks if m["field"] == w["field"]]
        if mask:
            out += b"\x05" + value_digest(c, w) + body + mask_proof(c, w, mask[0], author)
            continue
        body += value(w["value"])
        out += body if whole else b"\x04" + salt(c, w) + body
    return out


# ---------------------------------------------------------------- trees and batches

def left_count(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def root(leaves):
    if len(leaves) == 1:
        return change_digest(leaves[0])
    k = left_count(len(leaves))
    return sha(b"\x02" + root(leaves[:k]) + root(leaves[k:]))


def tree(leaves, shown, masks, author):
    """shown: {index: field numbers or None}; returns the encoded node, and whether all of it is hidden."""
    if not any(c["index"] in shown for c in leaves):
        return b"\x00" + root(leaves)
    if len(leaves) == 1:
        mine = [m for m in masks if m["index"] == leaves[0]["index"]]
        return b"\x01" + encode_change(leaves[0], shown[leaves[0]["index"]], mine, author)
    k = left_count(len(leaves))
    return (b"\x02" + tree(leaves[:k], shown, masks, author)
            + tree(leaves[k:], shown, masks, author))


def header_bytes(b, key, leaves):
    return (bytes([1, 1]) + replica(b["replica"]) + varint(b["firstIndex"])
            + varint(len(leaves)) + bytes.fromhex(b["previous"]) + varint(b["policyEpoch"])
            + varint(b["catalogEpoch"]) + b["time"].to_bytes(8, "big", signed=True)
            + bytes([1 if b["isAdjusted"] else 0]) + sha(key) + root(leaves))


def make(b):
    secret = bytes.fromhex(b["privateKey"])
    key = public_key(secret)
    leaves = sorted(b["changes"], key=lambda c: (c["order"].encode(), c["index"]))
    header = header_bytes(b, key, leaves)
    signature = sign(secret, b"huijia-batch-v1\0" + header)
    head = prefixed(header) + prefixed(signature)
    b["publicKey"] = key.hex()
    b["root"] = root(leaves).hex()
    b["header"] = header.hex()
    b["digest"] = sha(header).hex()
    b["signature"] = signature.hex()
    b["encoded"] = (head + tree(leaves, {c["index"]: None for c in leaves}, [], b["replica"])).hex()
    for p in b["prunings"]:
        shown = {s["index"]: s["fields"] for s in p["shown"]}
        for m in p["masks"]:
            m["publicKey"] = public_key(bytes.fromhex(m["privateKey"])).hex()
        p["encoded"] = (head + tree(leaves, shown, p["masks"], b["replica"])).hex()
    return b


# ---------------------------------------------------------------- what the vectors say

VILLAGE = {"node": "450103001005", "incarnation": 1, "lane": "bulk"}
COUNTY = {"node": "450103000000/civil-affairs", "incarnation": 3, "lane": "urgent"}


def at(r, index):
    return dict(r, index=index)


def val(kind, s=""):
    return {"type": kind, "text": s}


def write(field, v, rank=0, base=()):
    return {"field": field, "rank": rank, "base": list(base), "value": v}


def change(index, writes, order="", restores=(), actor="li", ledger=1, key=None):
    return {
        "index": index, "ledger": ledger, "key": key or "0b6f1c52-7f0e-4b5e-9a53-%012d" % index,
        "time": 1767225600000000 + index, "actor": actor, "restores": list(restores),
        "order": order, "seed": sha(b"seed %d" % index)[:16].hex(), "writes": writes,
    }


def batch(name, changes, prunings, r=VILLAGE, first=1, previous=bytes(32), adjusted=False):
    return {
        "name": name, "privateKey": sha(name.encode()).hex(), "replica": r, "firstIndex": first,
        "previous": previous.hex(), "policyEpoch": 1, "catalogEpoch": 2,
        "time": 1767225601000000, "isAdjusted": adjusted, "changes": changes,
        "prunings": [{"shown": [{"index": i, "fields": f} for i, f in sorted(p.items())],
                      "masks": masks} for p, masks in
                     [p if isinstance(p, tuple) else (p, []) for p in prunings]],
    }


def masked(index, field, mask, shown, step=0):
    return {"index": index, "field": field, "mask": mask, "step": step, "shown": shown,
            "masker": "450103000000", "receiver": "450103000000/civil-affairs",
            "privateKey": sha(b"the county").hex()}


def all_kinds():
    base = [at(COUNTY, 7), at(VILLAGE, 11)]
    kinds = [
        write(0, {"type": "deleted", "text": "", "contexts": [
            {"field": 2, "context": base}, {"field": 5, "context": []}]}),
        write(1, {"type": "verified", "text": "", "dots": [
            {"field": 4, "dot": at(COUNTY, 7), "time": 1767225600000001, "actor": "\u5f20\u4e09"},
            {"field": 4, "dot": at(VILLAGE, 300), "time": -1, "actor": ""}]}),
        write(2, val("null"), 1, base),
        write(3, val("bool", "true"), 1, base),
        write(4, val("bool", "false"), 2),
        write(5, val("integer", "-9223372036854775808"), 2, base),
        write(6, val("decimal", "-120.50"), 3),
        write(7, val("text", "\u4e00\U00020bb7\ue000 e\u0301"), 3, base[:1]),
        write(8, val("date", "-1"), 3),
        write(9, val("timestamp", "1767225600000001")),
        write(10, val("uuid", "00112233445566778899aabbccddeeff")),
        write(11, val("bytes", "00ff10")),
        write(62, val("json", '{"a":[1,"\u56de\u5bb6"]}'), 255),
    ]
    return change(12, kinds, "450103001005", actor="")


def vectors():
    one = batch("one change", [
        change(1, [write(0, val("bool", "true")), write(2, val("text", "450103001005")),
                   write(4, val("text", "\u674e\u5c0f\u660e")), write(6, val("date", "7305"))])],
        [{1: [0, 2, 4]}, {},
         ({1: [0, 2, 4, 6]}, [masked(1, 4, 1, val("text", "\u674e*")),
                              masked(1, 6, 3, val("date", "7305"))])])
    previous = bytes.fromhex(make(one)["digest"])
    seven = batch("seven changes of three homes", [
        change(i, [write(0, val("bool", "true")), write(2, val("text", home)),
                   write(4, val("text", "name %d" % i), i % 3, [at(COUNTY, i)] if i % 2 else [])],
               home)
        for i, home in enumerate(["450103001006", "450103001005", "", "450103001005",
                                  "450103001006", "450103001007", "450103001005"], 2)],
        [{3: [0, 2], 5: [0, 2, 4], 8: [0, 2]}, {2: [4], 7: [0]}, {}], first=2, previous=previous)
    kinds = batch("every kind of value", [all_kinds()], [{12: [0, 7, 62]}, {12: [2, 3, 6]},
                                                       ({12: [5, 6, 7]}, [
                                                           masked(12, 5, 5, val("null")),
                                                           masked(12, 6, 2, val("decimal", "-200.00"), 100)])],
                  first=12, adjusted=True)
    restore = batch("a department restores", [
        change(200, [write(0, val("bool", "true"), 0, [at(VILLAGE, 9)])], "450103001005",
               [at(VILLAGE, 9), at(COUNTY, 199)]),
        change(201, [write(2, val("text", "450103001005"), 9)], "450103001006", ledger=65535,
               key="\u4e2d\u6587")],
        [{201: [2]}], r=COUNTY, first=200, previous=sha(b"before"))
    return [one, make(seven), make(kinds), make(restore)]


def main():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "vectors.json")
    out = json.dumps({"format": 1, "batches": vectors()}, ensure_ascii=True, indent=1) + "\n"
    if "--check" in sys.argv:
        with open(path, encoding="ascii") as file:
            sys.exit(0 if file.read() == out else "vectors.json is not what this script makes")
    with open(path, "w", encoding="ascii") as file:
        file.write(out)


if __name__ == "__main__":
    main()
