import type { DaemonOptions } from '@assay/node';

/** What a daemon in a process of its own is told: data alone. */
export type DaemonConfig = Omit<DaemonOptions, 'alterWork' | 'writeLog'>;

export function encodeConfig(config: DaemonConfig): string {
  return JSON.stringify(config, (_, value: unknown) => {
    if (typeof value === 'bigint') return { bigint: String(value) };
    return value instanceof Uint8Array ? { bytes: Buffer.from(value).toString('hex') } : value;
  });
}

export function decodeConfig(text: string): DaemonConfig {
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    if ('bigint' in value && typeof value.bigint === 'string') return BigInt(value.bigint);
    if ('bytes' in value && typeof value.bytes === 'string') {
      return new Uint8Array(Buffer.from(value.bytes, 'hex'));
    }
    return value;
  }) as DaemonConfig;
}
