// Proves and verifies one digit with a bundle made by `assay compile` and `assay setup`:
//   npx assay compile examples/digits-cnn/model.onnx --samples examples/digits-cnn/samples.json -o out/digits
//   npx assay setup out/digits && node examples/library.mjs
import { readFileSync } from 'node:fs';
import { createEngine } from '@assay/core/engine';
import { prove } from '@assay/prover';
import { openBundle, provingKey } from '@assay/prover/bundle';
import { dequantizeOutput, quantizeInput } from '@assay/runtime';
import { createNodePool } from '@assay/runtime/node';
import { decodeVerifyingKey, verifyProof } from '@assay/verifier';

const folder = process.argv[2] ?? 'out/digits';
const image = JSON.parse(readFileSync('examples/digits-cnn/test.json', 'utf8')).rows[0];

const bundle = openBundle(folder);
const { program } = bundle;
const pool = await createNodePool({ threads: 2 });
const { values } = quantizeInput(program, program.inputs[0], image);
const { proof, statement } = prove(
  createEngine(pool),
  provingKey(bundle),
  new Map([[program.inputs[0].name, values]]),
);
await pool.close();

// Elsewhere: the verifier has the key, the statement and the proof, and nothing else.
const key = decodeVerifyingKey(readFileSync(`${folder}/verifying-key.cbor`));
const verdict = verifyProof(key.value, statement, proof);
const logits = dequantizeOutput(program.outputs[0], statement.outputs.get(program.outputs[0].name));
console.log(
  verdict.ok ? 'verified' : verdict.error,
  'label',
  logits.indexOf(Math.max(...logits)),
  `${proof.length} bytes`,
);
