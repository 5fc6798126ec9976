/** Settles when this process is asked to end: by Ctrl-C, or by whoever started it. */
export function interruption(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        done();
      });
    }
  });
}
