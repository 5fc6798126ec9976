import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '../log.ts';
import { createMetrics, type Metrics } from '../metrics.ts';
import { MOST_POSITIONS, parseRoute } from './routes.ts';
import { type HttpServer, startHttpServer } from './server.ts';

const DIGEST = 'ab'.repeat(32);
const JOB = `0x${'01'.repeat(32)}`;
let server: HttpServer;
let metrics: Metrics;
let isWell: boolean;

beforeEach(async () => {
  metrics = createMetrics(true);
  isWell = true;
  server = await startHttpServer({
    ...{ host: '127.0.0.1', port: 0, metrics, requestTimeoutMs: 300 },
    log: createLogger({ level: 'silent' }),
    content: {
      health: () => ({ ok: isWell, details: { block: 7 } }),
      artefact: async (digest) => {
        if (digest === 'ff'.repeat(32)) throw new Error('secret detail');
        return digest === DIGEST ? new Uint8Array([1, 2, 3]) : null;
      },
      trees: async (job) =>
        job !== JOB
          ? null
          : {
              listNode: (list, level, at) => new Uint8Array([1, list, level, at]),
              node: (list, tensor, level, at) =>
                at > 9 ? null : new Uint8Array([2, list, tensor, level, at]),
              leaf: (list, tensor, at) => new Uint8Array([3, list, tensor, at]),
            },
    },
  });
});
afterEach(() => server.close());

const get = async (path: string, method = 'GET'): Promise<[number, number[]]> => {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
  return [response.status, [...new Uint8Array(await response.arrayBuffer())]];
};
const words = (bytes: number[]): string => new TextDecoder().decode(new Uint8Array(bytes));

test('artefacts by digest; nodes and leaves in the order in which they are asked for', async () => {
  expect(await get(`/artefacts/${DIGEST}`)).toEqual([200, [1, 2, 3]]);
  expect(await get(`/artefacts/${'cd'.repeat(32)}`)).toMatchObject([404, {}]);
  expect(await get(`/trace/${JOB}/list/2/1/0`)).toEqual([200, [1, 2, 1, 0]]);
  expect(await get(`/trace/${JOB}/node/2/5/1/4,3`)).toEqual([200, [2, 2, 5, 1, 4, 2, 2, 5, 1, 3]]);
  expect(await get(`/trace/${JOB}/leaf/3/0/8`)).toEqual([200, [3, 3, 0, 8]]);
  expect(await get(`/trace/${JOB}/node/2/5/1/1,10`)).toMatchObject([404, {}]);
  expect(await get(`/trace/0x${'02'.repeat(32)}/leaf/3/0/8`)).toMatchObject([404, {}]);
});

test('health says 503 when it is not well; figures count answers', async () => {
  const [status, body] = await get('/healthz');
  expect([status, JSON.parse(words(body))]).toEqual([200, { ok: true, block: 7 }]);
  isWell = false;
  expect((await get('/healthz'))[0]).toBe(503);
  const figures = words((await get('/metrics'))[1]);
  expect(figures).toContain('assay_http_requests_total{route="health",status="503"} 1');
  expect(figures).toContain('process_cpu_seconds_total');
});

describe('hostile clients', () => {
  test('get nothing else, and no detail of an error', async () => {
    for (const path of [
      '/',
      '/artefacts/..%2fkey',
      '/artefacts/x',
      `/trace/${JOB}/node/2/5/1/01`,
    ]) {
      expect((await get(path))[0], path).toBe(400);
    }
    expect((await get('/healthz', 'POST'))[0]).toBe(405);
    const [status, body] = await get(`/artefacts/${'ff'.repeat(32)}`);
    expect([status, words(body)]).toEqual([500, 'internal error\n']);
  });

  test('that send their request a byte at a time are cut off', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.write('GET /healthz HT');
    const started = performance.now();
    await new Promise<void>((done) => {
      socket.once('close', () => done());
      socket.on('error', () => undefined);
      socket.resume();
    });
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test('paths are bounded in length, numbers and count', () => {
    const many = Array.from({ length: MOST_POSITIONS }, (_, i) => i).join(',');
    expect(parseRoute(`/trace/${JOB}/leaf/2/0/${many}`)).toMatchObject({ kind: 'leaves' });
    for (const path of [
      `/trace/${JOB}/leaf/2/0/${many},1`,
      `/trace/${JOB}/leaf/4/0/0`,
      `/trace/${JOB}/leaf/2/0/4294967296`,
      `/trace/${JOB}/leaf/2/0/-1`,
      `/trace/${JOB}/leaf/2/0/`,
      `/trace/${JOB}/leaf/2/0/1/2`,
      `/trace/${JOB.toUpperCase()}/leaf/2/0/1`,
      `/trace/${JOB}/node/2/0/1`,
      `x${'/healthz'}`,
      `/healthz${'a'.repeat(5000)}`,
    ]) {
      expect(parseRoute(path), path).toBeNull();
    }
  });
});
