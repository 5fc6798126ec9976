import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { artefactName, artefactUrl, fetchArtefact, fetchBytes } from '../artefacts/index.ts';
import { ArtefactStore } from './artefact-store.ts';
import { type HttpServer, startHttpServer } from './http-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-artefacts-'));
const servers: { close(): unknown }[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const bytes = new TextEncoder().encode('an artefact');

async function start(
  options: Parameters<typeof startHttpServer>[0] = {},
): Promise<{ server: HttpServer; store: ArtefactStore; errors: unknown[] }> {
  const store = new ArtefactStore(mkdtempSync(join(folder, 's-')));
  const errors: unknown[] = [];
  const server = await startHttpServer({
    artefacts: store,
    onError: (error) => errors.push(error),
    ...options,
  });
  servers.push({ close: () => server.close(50) });
  return { server, store, errors };
}

/** A socket that says something and tells when it was closed. */
function raw(port: number, text: string): { socket: Socket; closed: Promise<string> } {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (data: Uint8Array) => {
    answer += new TextDecoder().decode(data);
  });
  const closed = new Promise<string>((done) => {
    socket.on('error', () => {});
    socket.on('close', () => {
      done(answer);
    });
  });
  socket.write(text);
  return { socket, closed };
}

const codeOf = (run: Promise<unknown>): Promise<string> =>
  run.then(
    () => 'no error',
    (error: { code?: string; shortMessage?: string; details?: string }) =>
      `${error.code} ${error.shortMessage} ${error.details}`,
  );

describe('a store of artefacts', () => {
  test('holds bytes under their hash, once', async () => {
    const store = new ArtefactStore(mkdtempSync(join(folder, 's-')));
    const name = store.put(bytes);
    expect(name).toBe(await artefactName(bytes));
    expect(store.put(bytes)).toBe(name);
    expect(store.names()).toEqual([name]);
    expect(store.get(name)).toEqual(bytes);
    store.remove(name);
    expect(store.has(name)).toBe(false);
    expect(store.get(name)).toBeNull();
  });

  test('serves nothing that has been changed, and clears what was left half written', () => {
    const store = new ArtefactStore(mkdtempSync(join(folder, 's-')));
    const name = store.put(bytes);
    writeFileSync(join(store.folder, name), 'something else');
    expect(store.get(name)).toBeNull();
    expect(store.has(name)).toBe(false);
    writeFileSync(join(store.folder, '.tmp-1-1'), 'half');
    expect(new ArtefactStore(store.folder).names()).toEqual([]);
    expect(readdirSync(store.folder)).toEqual([]);
  });

  test('refuses names that are paths', () => {
    const store = new ArtefactStore(mkdtempSync(join(folder, 's-')));
    expect(store.has('../../etc/passwd')).toBe(false);
    expect(() => store.remove('../x')).toThrow(/sha-256/);
  });

  test.skipIf(process.getuid?.() !== 0)('says when there is no folder to write to', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => new ArtefactStore(join(folder, 'file'))).toThrow(/cannot be used/);
  });
});

describe('fetching', () => {
  test('takes the first URL that has what the name says', async () => {
    const good = await start();
    const lying = await start({
      artefacts: undefined,
      routes: [{ prefix: 'artefacts', handle: () => ({ status: 200, body: 'a lie' }) }],
    });
    const name = good.store.put(bytes);
    const urls = [
      'http://127.0.0.1:1/artefacts/x',
      'file:///etc/passwd',
      artefactUrl(lying.server.url, name),
      artefactUrl(`${good.server.url}/`, name),
    ];
    expect(await fetchArtefact(urls, name, { maxBytes: 100 })).toEqual(bytes);
    const failure = await codeOf(fetchArtefact(urls.slice(0, 3), name, { maxBytes: 100 }));
    expect(failure).toMatch(/^ASSAY_ARTEFACT_UNAVAILABLE/);
    expect(failure).toMatch(/not an HTTP address/);
    expect(failure).toMatch(/not what its name says/);
  });

  test('stops at the size it was given, whatever the length that is announced', async () => {
    let sent = 0;
    const endless = createServer((_, response) => {
      response.writeHead(200);
      const chunk = new Uint8Array(65_536);
      const more = (): void => {
        if (response.destroyed) return;
        sent += chunk.length;
        response.write(chunk, more);
      };
      more();
    });
    await new Promise<void>((done) => {
      endless.listen(0, '127.0.0.1', done);
    });
    servers.push({ close: () => endless.closeAllConnections() });
    servers.push({ close: () => endless.close() });
    const { port } = endless.address() as { port: number };
    const url = `http://127.0.0.1:${port}/`;
    expect(await codeOf(fetchBytes(url, { maxBytes: 1e6 }))).toMatch(/more than 1000000 bytes/);
    expect(sent).toBeLessThan(2 ** 26);
  });

  test('gives up on who is silent, redirects, or is not allowed', async () => {
    const silent = createServer(() => {});
    const redirecting = createServer((_, response) => {
      response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    });
    for (const server of [silent, redirecting]) {
      await new Promise<void>((done) => {
        server.listen(0, '127.0.0.1', done);
      });
      servers.push({ close: () => server.closeAllConnections() }, { close: () => server.close() });
    }
    const urlOf = (server: typeof silent): string =>
      `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
    const limits = { maxBytes: 100, timeoutMs: 100 };
    expect(await codeOf(fetchBytes(urlOf(silent), limits))).toMatch(/too slow/);
    expect(await codeOf(fetchBytes(urlOf(redirecting), limits))).toMatch(/^ASSAY_FETCH/);
    expect(await codeOf(fetchBytes(urlOf(silent), { ...limits, allows: () => false }))).toMatch(
      /not allowed/,
    );
  });
});

describe('the server', () => {
  test('serves artefacts, and nothing else from the folder', async () => {
    const { server, store } = await start();
    const name = store.put(bytes);
    const response = await fetch(`${server.url}/artefacts/${name}`);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
    expect(response.headers.get('cache-control')).toContain('immutable');
    const head = await fetch(`${server.url}/artefacts/${name}`, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe(String(bytes.length));
    const statuses = await Promise.all(
      [
        [`/artefacts/${'0'.repeat(64)}`],
        ['/artefacts/..%2f..%2fetc%2fpasswd'],
        [`/artefacts/${name}/x`],
        ['/other'],
        ['/%ff'],
        [`/${'a'.repeat(5000)}`],
        [`/artefacts/${name}`, 'POST'],
      ].map(async ([path, method = 'GET']) => (await fetch(server.url + path, { method })).status),
    );
    expect(statuses).toEqual([404, 404, 404, 404, 414, 414, 405]);
  });

  test('routes, bodies up to a limit, and errors that say nothing', async () => {
    const { server, errors } = await start({
      limits: { bodyBytes: 10 },
      routes: [
        {
          prefix: 'echo',
          methods: ['POST'],
          handle: ({ path, query, body }) => ({
            status: 200,
            body: `${path.join('|')} ${query.get('q')} ${body.length}`,
          }),
        },
        {
          prefix: 'broken',
          handle: () => {
            throw new Error('secret detail');
          },
        },
      ],
    });
    const post = (path: string, body: string): Promise<Response> =>
      fetch(server.url + path, { method: 'POST', body });
    expect(await (await post('/echo/a/b%20c?q=1', '123')).text()).toBe('a|b c 1 3');
    expect((await post('/echo', 'x'.repeat(11))).status).toBe(413);
    expect((await fetch(`${server.url}/echo`)).status).toBe(405);
    const broken = await fetch(`${server.url}/broken`);
    expect([broken.status, await broken.text()]).toEqual([500, 'an error\n']);
    expect(errors).toHaveLength(1);
  });

  test('a slow loris is cut off, and others are served meanwhile', async () => {
    const { server, store } = await start({ limits: { headersMs: 300, requestMs: 600 } });
    const name = store.put(bytes);
    const drip = raw(server.port, 'GET / HTTP/1.1\r\nHost: x\r\n');
    const timer = setInterval(() => drip.socket.write('X-A: b\r\n'), 50);
    expect((await fetch(`${server.url}/artefacts/${name}`)).status).toBe(200);
    expect(await drip.closed).toMatch(/408|^$/);
    clearInterval(timer);
    const body = raw(server.port, 'POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nab');
    await body.closed;
    const idle = raw(server.port, '');
    await idle.closed;
  });

  test('headers that do not end, and too many connections of one peer', async () => {
    const { server } = await start({ limits: { headerBytes: 1024, connectionsPerPeer: 2 } });
    const large = raw(server.port, `GET / HTTP/1.1\r\nX: ${'a'.repeat(5000)}\r\n\r\n`);
    expect(await large.closed).toMatch(/431/);
    const two = [raw(server.port, ''), raw(server.port, '')];
    await new Promise((done) => setTimeout(done, 50));
    expect(server.connections).toBe(2);
    expect(await raw(server.port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n').closed).toBe('');
    for (const { socket } of two) socket.destroy();
  });

  test('two servers on one port', async () => {
    const { server } = await start();
    expect(await codeOf(startHttpServer({ port: server.port }))).toMatch(/^ASSAY_HTTP_LISTEN/);
  });
});
