import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { AssayError } from '@assay/core/errors';
import { bytesOf, fetchBytes, INPUT_KIND, type JobView, sameHex } from '@assay/market';

export interface FetchSettings {
  /** A URL that a stranger names may lead into this machine's own network. @default false */
  readonly allowsLocalUrls?: boolean | undefined;
  /** @default 30000 */
  readonly timeoutMs?: number | undefined;
  /** Sealed input, which says nothing of its size. @default 256 MiB */
  readonly mostSealedBytes?: number | undefined;
}

const MOST_SEALED_BYTES = 2 ** 28;

/**
 * Names and addresses of this machine and of private networks: what strangers name must not be asked
 * there. A public name that resolves to such an address is not seen here: a proxy or a firewall has to.
 */
export function isLocalHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (isIP(host) === 4) {
    const [a = 0, b = 0] = host.split('.').map(Number);
    return (
      a === 0 ||
      a === 10 ||
      a === 127 ||
      a >= 224 ||
      (a === 100 && b >= 64 && b < 128) ||
      (a === 169 && b === 254) ||
      (a === 172 && b >= 16 && b < 32) ||
      (a === 192 && b === 168)
    );
  }
  if (isIP(host) === 6) {
    return /^(::1?$|f[cd]|fe[89ab]|ff|::ffff:|64:ff9b:)/.test(host);
  }
  return host === 'localhost' || !host.includes('.') || /\.(localhost|local|internal)$/.test(host);
}

/** Whether a URL that a stranger names may be asked. */
export function allowedUrls({ allowsLocalUrls = false }: FetchSettings): (url: URL) => boolean {
  return ({ hostname }) => allowsLocalUrls || !isLocalHost(hostname);
}

/** The public input of a job: from its event, or from the URL there. Root and ranges are still to be checked. @throws {AssayError} ASSAY_FETCH */
export async function fetchInput(
  job: JobView,
  maxBytes: number,
  settings: FetchSettings,
): Promise<Uint8Array> {
  const posted = bytesOf(job.input);
  if (job.params.inputKind === INPUT_KIND.inline) return posted;
  const url = new TextDecoder().decode(posted);
  return fetchBytes(url, {
    maxBytes,
    timeoutMs: settings.timeoutMs,
    allows: allowedUrls(settings),
  });
}

/** What the requester has delivered. @throws {AssayError} ASSAY_FETCH, ASSAY_JOB_SEALED_INPUT */
export async function fetchSealed(job: JobView, settings: FetchSettings): Promise<Uint8Array> {
  const { delivered } = job;
  if (delivered === null) throw new TypeError('fetchSealed: expected a delivery');
  const bytes = await fetchBytes(delivered.uri, {
    maxBytes: settings.mostSealedBytes ?? MOST_SEALED_BYTES,
    timeoutMs: settings.timeoutMs,
    allows: allowedUrls(settings),
  });
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (sameHex(`0x${digest}`, delivered.ciphertext)) return bytes;
  throw new AssayError({
    code: 'ASSAY_JOB_SEALED_INPUT',
    shortMessage: `${delivered.uri}: not the bytes that were delivered`,
  });
}
