"""Golden rows for packages/core/src/security/search.ts.

    python3 vectors/security/generate.py > vectors/security/schedules.json

whir_search.py and whir_parameters.py beside it are an independent implementation of the search and of
the error terms. Formulas: BCHKS25 (eprint 2025/2055) Theorem 4.2, WHIR (eprint 2024/1586) Theorem 5.2,
constants as in ethereum/soundcalc. Johnson regime, BabyBear^5, oracle 1 at most half of oracle 0.
"""
import json
from whir_search import optimize

rows = []
for target, query_pow, fold_pow in ((100, 18, 10), (128, 20, 14)):
    for first_columns in (None, 24, 60):
        for variables in range(10, 29):
            for mu in range(1, 5):
                if first_columns is not None and variables % 3 != 2:
                    continue
                best = optimize('BB5', 5, 'JBR', variables, mu, target, query_pow, fold_pow,
                                cap2=-1, first_cols=first_columns)
                row = dict(targetBits=target, queryPowBits=query_pow, maxFoldPowBits=fold_pow,
                           variables=variables, logInverseRate=mu, firstColumns=first_columns, schedule=None)
                if best is not None:
                    size, hashes, oracles, final = best
                    # (variables, mu, k, queries, m, fold pow, out-of-domain samples, log2 list, log2 domain)
                    row['schedule'] = dict(
                        bytes=round(size, 3), permutations=round(hashes, 3), finalVariables=final,
                        foldings=[o[2] for o in oracles], logInverseRates=[o[1] for o in oracles],
                        queries=[o[3] for o in oracles], proximityParameters=[o[4] for o in oracles],
                        foldPowBits=[o[5] for o in oracles], oodSamples=[o[6] for o in oracles],
                        logLists=[round(o[7], 6) for o in oracles], logDomains=[o[8] for o in oracles])
                rows.append(row)
print('[\n' + ',\n'.join(json.dumps(r) for r in rows) + '\n]')
