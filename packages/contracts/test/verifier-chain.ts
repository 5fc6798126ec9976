import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import type { FraudProof, Lists, Opening, PaddingProof, RelationRef } from '@assay/program/trace';
import { bytesToHex, decodeErrorResult, encodeFunctionData, type Hex } from 'viem';
import { fraudVerifierAbi, fraudVerifierBytecode } from '../src/abi/fraud-verifier.ts';

const KINDS = ['linear', 'einsum', 'range', 'lookup'];

/** What the contract says: the name of the error it reverts with is for the reader of a failure. */
export type Answer = boolean | { readonly reverted: string };

/** A call of FraudVerifier as calldata, or null for values that its types cannot hold. */
export function encodeViolated(lists: Lists, proof: FraudProof): Hex | null {
  return encoded(() =>
    encodeFunctionData({
      abi: fraudVerifierAbi,
      functionName: 'violated',
      args: [
        listsArgument(lists),
        {
          relation: relationArgument(proof.relation),
          element: proof.element,
          openings: proof.openings.map(openingArgument),
        },
      ],
    }),
  );
}

export function encodePadding(lists: Lists, proof: PaddingProof): Hex | null {
  return encoded(() =>
    encodeFunctionData({
      abi: fraudVerifierAbi,
      functionName: 'paddingViolated',
      args: [
        listsArgument(lists),
        {
          mention: relationArgument(proof.mention),
          slot: proof.slot,
          opening: openingArgument(proof.opening),
          level: proof.level,
          position: proof.position,
          node: bytesToHex(proof.node),
          path: proof.path.map((node) => bytesToHex(node)),
        },
      ],
    }),
  );
}

export function encodeMentioned(lists: Lists, mention: RelationRef, slot: number): Hex | null {
  return encoded(() =>
    encodeFunctionData({
      abi: fraudVerifierAbi,
      functionName: 'mentioned',
      args: [bytesToHex(lists.relations), lists.relationCount, relationArgument(mention), slot],
    }),
  );
}

function encoded(encode: () => Hex): Hex | null {
  try {
    return encode();
  } catch (error) {
    if (error instanceof Error && /Size|IntegerOutOfRange/.test(error.name)) return null;
    throw error;
  }
}

function listsArgument({ relations, relationCount, roots, lengths }: Lists): {
  relations: Hex;
  relationCount: number;
  roots: readonly [Hex, Hex, Hex, Hex];
  lengths: readonly [number, number, number, number];
} {
  const [a, b, c, d] = roots;
  return {
    relations: bytesToHex(relations),
    relationCount,
    roots: [bytesToHex(a), bytesToHex(b), bytesToHex(c), bytesToHex(d)],
    lengths,
  };
}

function relationArgument({ index, kind, body, path }: RelationRef): {
  index: number;
  kind: number;
  body: Hex;
  path: Hex[];
} {
  return {
    index,
    kind: KINDS.indexOf(kind),
    body: bytesToHex(body),
    path: path.map((node) => bytesToHex(node)),
  };
}

function openingArgument({ list, index, root, path, leaves, data, siblings }: Opening): {
  list: number;
  index: number;
  root: Hex;
  path: Hex[];
  leaves: readonly number[];
  data: Hex;
  siblings: Hex[];
} {
  return {
    list,
    index,
    root: bytesToHex(root),
    path: path.map((node) => bytesToHex(node)),
    leaves,
    data: bytesToHex(data),
    siblings: siblings.map((node) => bytesToHex(node)),
  };
}

/** FraudVerifier on a chain of its own. */
export interface VerifierChain {
  /** Raw results, or the errors' names, in order. */
  call(calls: readonly Hex[]): Promise<readonly (Hex | { readonly reverted: string })[]>;
  stop(): Promise<void>;
}

/** The boolean of a result. */
export function answer(result: Hex | { readonly reverted: string }): Answer {
  return typeof result === 'string' ? BigInt(result) === 1n : result;
}

interface RpcReply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly data?: unknown };
}

/** anvil itself, not the wrapper that npm links: what is killed is the chain. */
function anvilBinary(): string {
  const resolve = createRequire(import.meta.url).resolve;
  const platform = process.platform === 'win32' ? 'win32' : process.platform;
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const folder = dirname(resolve(`@foundry-rs/anvil-${platform}-${arch}/package.json`));
  const path = join(folder, 'bin', process.platform === 'win32' ? 'anvil.exe' : 'anvil');
  if (!existsSync(path)) throw new Error(`no anvil at ${path}`);
  return path;
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        done(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  });
}

export async function startVerifierChain(): Promise<VerifierChain> {
  const port = await freePort();
  const child = spawn(
    anvilBinary(),
    `--port ${port} --hardfork osaka --accounts 1 --silent --no-request-size-limit`.split(' '),
    { stdio: 'ignore' },
  );
  const exited = new Promise<void>((done) => {
    child.once('exit', () => {
      done();
    });
  });
  const url = `http://127.0.0.1:${port}`;
  const rpc = async (
    calls: readonly { readonly method: string; readonly params: readonly unknown[] }[],
  ): Promise<readonly RpcReply[]> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(calls.map((call, id) => ({ jsonrpc: '2.0', id, ...call }))),
    });
    const replies = (await response.json()) as RpcReply[];
    return replies.sort((a, b) => a.id - b.id);
  };
  const one = async (method: string, params: readonly unknown[]): Promise<unknown> => {
    const [reply] = await rpc([{ method, params }]);
    if (reply?.error !== undefined) throw new Error(`${method}: ${reply.error.message}`);
    return reply?.result;
  };
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  try {
    for (let tries = 0; ; tries++) {
      try {
        await one('eth_chainId', []);
        break;
      } catch (error) {
        if (tries > 200 || child.exitCode !== null) throw error;
        await new Promise((done) => setTimeout(done, 50));
      }
    }
    // What the constructor returns is the code.
    const code = await one('eth_call', [{ data: fraudVerifierBytecode }, 'latest']);
    const to = '0x00000000000000000000000000000000f2a0d000';
    await one('anvil_setCode', [to, code]);
    return {
      async call(calls) {
        const replies = await rpc(
          calls.map((data) => ({ method: 'eth_call', params: [{ to, data }, 'latest'] })),
        );
        return replies.map(({ result, error }) =>
          error === undefined ? (result as Hex) : { reverted: errorName(error) },
        );
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @throws on what is no revert: running out of gas, say, is no answer. */
function errorName({
  message,
  data,
}: {
  readonly message: string;
  readonly data?: unknown;
}): string {
  if (typeof data !== 'string' || !message.includes('revert')) throw new Error(message);
  if (data === '0x') return 'empty';
  return decodeErrorResult({ abi: fraudVerifierAbi, data: data as Hex }).errorName;
}
