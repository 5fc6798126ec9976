import { type HttpServer, startHttpServer } from '@assay/market/node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMetrics } from '../metrics.ts';
import { MOST_POSITIONS, parseTracePath } from './parse.ts';
import { nodeRoutes } from './routes.ts';

const JOB = `0x${'01'.repeat(32)}`;
let server: HttpServer;
let isWell: boolean;
const errors: unknown[] = [];

beforeEach(async () => {
  isWell = true;
  const routes = nodeRoutes(
    {
      health: () => ({ ok: isWell, details: { block: 7 } }),
      trees: async (job) => {
        if (job === `0x${'ff'.repeat(32)}`) throw new Error('secret detail');
        return job !== JOB
          ? null
          : {
              listNode: (list, level, at) => new Uint8Array([1, list, level, at]),
              node: (list, tensor, level, at) =>
                at > 9 ? null : new Uint8Array([2, list, tensor, level, at]),
              leaf: (list, tensor, at) => new Uint8Array([3, list, tensor, at]),
            };
      },
    },
    createMetrics(true),
  );
  server = await startHttpServer({ routes, onError: (error) => errors.push(error) });
});
afterEach(() => server.close(0));

const get = async (path: string): Promise<[number, number[]]> => {
  const response = await fetch(`${server.url}${path}`);
  return [response.status, [...new Uint8Array(await response.arrayBuffer())]];
};
const words = (bytes: number[]): string => new TextDecoder().decode(new Uint8Array(bytes));

test('nodes and leaves in the order in which they are asked for', async () => {
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
  expect(figures).toContain('assay_http_requests_total{route="healthz",status="503"} 1');
  expect(figures).toContain('process_cpu_seconds_total');
});

describe('hostile clients', () => {
  test('get no detail of an error', async () => {
    const [status, body] = await get(`/trace/0x${'ff'.repeat(32)}/leaf/2/0/0`);
    expect([status, words(body)]).toEqual([500, 'an error\n']);
    expect(errors).toHaveLength(1);
  });

  test('paths are bounded in numbers and count', async () => {
    const many = Array.from({ length: MOST_POSITIONS }, (_, i) => i).join(',');
    expect(parseTracePath([JOB, 'leaf', '2', '0', many])?.positions).toHaveLength(MOST_POSITIONS);
    for (const parts of [
      [JOB, 'leaf', '2', '0', `${many},1`],
      [JOB, 'leaf', '4', '0', '0'],
      [JOB, 'leaf', '2', '0', '4294967296'],
      [JOB, 'leaf', '2', '0', '-1'],
      [JOB, 'leaf', '2', '0', '01'],
      [JOB, 'leaf', '2', '0', ''],
      [JOB, 'leaf', '2', '0', '1', '2'],
      [JOB.toUpperCase(), 'leaf', '2', '0', '1'],
      [JOB, 'node', '2', '0', '1'],
      [JOB, 'root', '2', '0', '1'],
      [],
    ]) {
      expect(parseTracePath(parts), parts.join('/')).toBeNull();
    }
    expect((await get(`/trace/${JOB}/node/2/5/1/01`))[0]).toBe(400);
  });
});
