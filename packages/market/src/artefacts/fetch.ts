import { AssayError } from '@assay/core/errors';
import { type ArtefactName, artefactName } from './names.ts';

export interface FetchLimits {
  /** Bytes; more are not read. */
  readonly maxBytes: number;
  /** For one URL, from the first byte sent to the last byte read. @default 30000 */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Whether a URL may be asked at all: a daemon that fetches what strangers name keeps it off its own network. */
  readonly allows?: ((url: URL) => boolean) | undefined;
}

/** Why one URL gave nothing. */
export interface FetchFailure {
  readonly url: string;
  readonly reason: string;
}

/**
 * GET with limits on time and size. No redirects: what is named is what is asked.
 *
 * @throws {AssayError} ASSAY_FETCH with the reason in one line
 */
export async function fetchBytes(url: string, limits: FetchLimits): Promise<Uint8Array> {
  const failed = (reason: string, cause?: unknown): AssayError =>
    new AssayError({ code: 'ASSAY_FETCH', shortMessage: `${url}: ${reason}`, cause });
  const target = URL.canParse(url) ? new URL(url) : null;
  if (target === null || !/^https?:$/.test(target.protocol)) throw failed('not an HTTP address');
  if (limits.allows !== undefined && !limits.allows(target)) throw failed('not allowed');
  const timeout = AbortSignal.timeout(limits.timeoutMs ?? 30_000);
  const signal = limits.signal === undefined ? timeout : AbortSignal.any([limits.signal, timeout]);
  try {
    const response = await fetch(target, { redirect: 'error', signal });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw failed(`HTTP ${response.status}`);
    }
    const bytes = await readAtMost(response.body, limits.maxBytes);
    if (bytes === null) throw failed(`more than ${limits.maxBytes} bytes`);
    return bytes;
  } catch (cause) {
    if (cause instanceof AssayError) throw cause;
    throw failed(timeout.aborted ? 'too slow' : sentence(cause), cause);
  }
}

/** Null: there is more. What the peer says of its length is not believed. */
async function readAtMost(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > maxBytes) {
      await reader.cancel();
      return null;
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function sentence(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error ? cause.cause.message : cause.message;
}

/** Where an owner serves an artefact. */
export function artefactUrl(endpoint: string, name: ArtefactName): string {
  return `${endpoint.replace(/\/+$/, '')}/artefacts/${name}`;
}

/**
 * An artefact from the first of several URLs that has it: content that is not what its name says is
 * as good as none.
 *
 * @throws {AssayError} ASSAY_ARTEFACT_UNAVAILABLE with what each URL answered
 */
export async function fetchArtefact(
  urls: readonly string[],
  name: ArtefactName,
  limits: FetchLimits,
): Promise<Uint8Array> {
  const failures: FetchFailure[] = [];
  for (const url of urls) {
    limits.signal?.throwIfAborted();
    try {
      const bytes = await fetchBytes(url, limits);
      if ((await artefactName(bytes)) === name) return bytes;
      failures.push({ url, reason: 'not what its name says' });
    } catch (error) {
      failures.push({
        url,
        reason: error instanceof AssayError ? error.shortMessage : String(error),
      });
    }
  }
  throw new AssayError({
    code: 'ASSAY_ARTEFACT_UNAVAILABLE',
    shortMessage: `artefact ${name.slice(0, 16)}… is not to be had`,
    details:
      failures.length === 0
        ? 'Nobody was named who serves it.'
        : failures.map(({ url, reason }) => `${url}: ${reason}`).join('\n'),
  });
}
