/** Milliseconds before the n-th retry: doubling from `firstMs` to `mostMs`, spread by a quarter. */
export function backoffMs(
  attempt: number,
  { firstMs = 250, mostMs = 30_000 }: { firstMs?: number; mostMs?: number } = {},
): number {
  const most = Math.min(mostMs, firstMs * 2 ** Math.min(attempt, 30));
  return most * (0.75 + Math.random() / 4);
}

/** Resolves after a while, or at once when the signal is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal?.aborted === true) {
      done();
      return;
    }
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      done();
    };
    const timer = setTimeout(finish, ms);
    signal?.addEventListener('abort', finish, { once: true });
  });
}
