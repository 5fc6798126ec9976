import type { TensorId, Weights } from '@assay/program';
import type { Fixture } from './cases.ts';
import { type Genuine, genuineOf } from './judging.ts';
import type { Answers } from './node.ts';

/** A file of fixture.mjs. */
async function load(fixture: Fixture, name: string): Promise<Response> {
  const response = await fetch(`/fixture/${fixture}/${name}`);
  if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
  return response;
}

export async function loadBytes(fixture: Fixture, name: string): Promise<Uint8Array> {
  return new Uint8Array(await (await load(fixture, name)).arrayBuffer());
}

export async function loadGenuine(fixture: Fixture): Promise<Genuine> {
  const [receipt, key] = ['run.receipt', 'verifying-key.cbor'];
  return genuineOf(await loadBytes(fixture, receipt), await loadBytes(fixture, key));
}

/** What Node says of the fixture. */
export async function loadAnswers(fixture: Fixture): Promise<Answers> {
  return (await load(fixture, 'answers.json')).json();
}

export async function loadWeights(fixture: Fixture): Promise<Weights> {
  const entries: [TensorId, number[]][] = await (await load(fixture, 'weights.json')).json();
  return new Map(entries.map(([id, values]) => [id, Int32Array.from(values)]));
}
