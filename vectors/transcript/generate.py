"""Golden states of the transcript with SHA3-256: a script of operations and what each one yields.
The class FS is that of the executable WHIR specification. Usage: python3 generate.py > sha3_v1.json"""
import hashlib, json, random

P = 2013265921
H = lambda b: hashlib.sha3_256(b).digest()


class FS:
    def __init__(s, dom): s.s = H(dom); s.n = 0
    def absorb(s, tag, b): s.s = H(b"\1" + s.s + bytes([tag]) + len(b).to_bytes(4, "little") + b); s.n = 0
    def block(s): s.n += 1; return int.from_bytes(H(b"\2" + s.s + (s.n - 1).to_bytes(4, "little")), "big")
    def ef(s): b = s.block(); return [((b >> (51 * i)) & ((1 << 51) - 1)) % P for i in range(5)]
    def idx(s, lg, t):
        out = []
        while len(out) < t:
            b = s.block(); out += [(b >> (32 * i)) & ((1 << lg) - 1) for i in range(8)]
        return sorted(set(out[:t]))


R = random.Random(20)
fs = FS(b"zkml-whir-ref-v1" + b"stmt")
initial = fs.s.hex()
steps = []


def observe(tag, b):
    fs.absorb(tag, b)
    steps.append({"op": "observe", "tag": tag, "bytes": b.hex(), "state": fs.s.hex()})


def observe_k(tag, values):
    fs.absorb(tag, b"".join(c.to_bytes(4, "little") for v in values for c in v))
    steps.append({"op": "observeK", "tag": tag, "values": values, "state": fs.s.hex()})


def sample_k():
    steps.append({"op": "sampleK", "value": fs.ef(), "state": fs.s.hex()})


def sample_indices(lg, count):
    steps.append({"op": "sampleIndices", "logSize": lg, "count": count, "value": fs.idx(lg, count), "state": fs.s.hex()})


k = lambda: [R.randrange(P) for _ in range(5)]
# the shape of a WHIR proof: roots, out-of-domain answers, claims, rounds, queries, final polynomial
observe(1, R.randbytes(32)); observe(1, R.randbytes(32))
sample_k(); observe_k(2, [k()]); sample_k(); observe_k(2, [k()])
observe_k(4, [k()]); observe_k(4, [k()]); sample_k()
for i in range(3):
    for _ in range(3 - i // 2): observe_k(3, [k(), k()]); sample_k()
    if i < 2: observe(1, R.randbytes(32)); sample_k(); observe_k(2, [k()])
    else: observe_k(6, [k() for _ in range(8)])
    sample_indices(9 - i, 12 - 2 * i)
    sample_k()
# the counter: several samples of both kinds between two observes; empty and long messages; edge values
observe(11, b""); sample_k(); sample_k(); sample_indices(27, 20); sample_k()
observe(11, R.randbytes(500)); sample_indices(0, 3); sample_indices(1, 8); sample_indices(32, 9); sample_k()
observe_k(7, [[0, 0, 0, 0, 0], [P - 1] * 5, [1, 0, 0, 0, 0]]); sample_k()

print(json.dumps({"domain": "zkml-whir-ref-v1stmt", "initial": initial, "steps": steps}, indent=1))
