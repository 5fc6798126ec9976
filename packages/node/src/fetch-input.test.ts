import { expect, test } from 'vitest';
import { isLocalHost } from './fetch-input.ts';

test('URLs of strangers do not lead into the own network', () => {
  for (const host of [
    'localhost',
    'a.localhost',
    'db',
    'printer.local',
    'metadata.internal',
    '127.0.0.1',
    '127.9.9.9',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '[::1]',
    '[::]',
    '[fd00::1]',
    '[fe80::1]',
    '[::ffff:7f00:1]',
  ]) {
    expect(isLocalHost(host), host).toBe(true);
  }
  for (const host of ['example.org', '172.32.0.1', '192.169.0.1', '8.8.8.8', '[2606:4700::1111]']) {
    expect(isLocalHost(host), host).toBe(false);
  }
});
