import { expectTrue, type Suite } from '../harness.ts';

/** What the kernels need of a browser; a page without these headers runs on one thread. */
export const environment: Suite = {
  name: 'environment',
  checks: [
    {
      name: 'the page is isolated, so memory can be shared',
      run() {
        expectTrue(globalThis.crossOriginIsolated, 'crossOriginIsolated');
        expectTrue(new SharedArrayBuffer(8).byteLength === 8, 'a SharedArrayBuffer');
      },
    },
    {
      name: 'there is no Node in it',
      run() {
        expectTrue(
          !('process' in globalThis) && !('require' in globalThis),
          'neither process nor require',
        );
      },
    },
  ],
};
