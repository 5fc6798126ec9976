import type { DaemonOptions } from '../../src/index.ts';

/** What a daemon in a process of its own is told: data alone. */
export type ProcessConfig = Omit<DaemonOptions, 'alterWork' | 'writeLog'> & {
  readonly cheat: string | null;
};

export function encodeConfig(config: ProcessConfig): string {
  return JSON.stringify(config, (_, value: unknown) => {
    if (typeof value === 'bigint') return { bigint: String(value) };
    return value instanceof Uint8Array ? { bytes: Buffer.from(value).toString('hex') } : value;
  });
}

export function decodeConfig(text: string): ProcessConfig {
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    if ('bigint' in value && typeof value.bigint === 'string') return BigInt(value.bigint);
    if ('bytes' in value && typeof value.bytes === 'string') {
      return new Uint8Array(Buffer.from(value.bytes, 'hex'));
    }
    return value;
  }) as ProcessConfig;
}
