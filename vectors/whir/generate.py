"""Golden transcript for the WHIR tests of packages/core/src/pcs.

    python3 vectors/whir/generate.py > vectors/whir/transcript.json

whir_reference.py beside it is an executable specification (WHIR, eprint 2024/1586, with model and
witness columns under two roots): SHA3-256, no proof of work, out-of-domain samples over all columns.
Written out: the inputs, and the transcript's state after each message.
"""
import json
import random
import whir_reference as ref

states = []


class Recorded(ref.FS):
    def absorb(self, tag, data):
        super().absorb(tag, data)
        states.append([tag, self.s.hex()])


ref.FS = Recorded
par, rng = ref.Par, random.Random(5)
f = [rng.randrange(ref.P) for _ in range(1 << par.n)]
for i in range(6 << (par.n - par.k[0]), 1 << par.n):
    f[i] = 0
element = lambda: ref.E([rng.randrange(ref.P) for _ in range(5)])
points = [[element() for _ in range(par.n)] for _ in range(2)]
points.append([ref.E(0), ref.E(1)] + [ref.E(rng.randrange(ref.P)) for _ in range(par.n - 2)])
claims, _ = ref.prove(par, 4, f, points, b'stmt')
print(json.dumps(dict(
    domain='zkml-whir-ref-v1stmt', variables=par.n, modelColumns=4,
    foldings=par.k, logInverseRates=par.mu, queries=par.t, oodSamples=par.s,
    values=f, points=[[list(x.c) for x in p] for p in points], claims=[list(c.c) for c in claims],
    states=states)))
