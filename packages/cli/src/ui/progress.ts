/** The part of a stream that progress is written to. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Reports on work in stages, one after another. */
export interface Progress {
  /** `done` of `total` of a stage; a new stage's name ends the stage before it. */
  update(stage: string, done: number, total: number): void;
  /** Ends the current stage, `note` beside its time. */
  end(note?: string): void;
}

/** Reports nothing. */
export const silent: Progress = { update: () => {}, end: () => {} };

/** What a library that names its stages (null at the end) reports to. */
export function stagesOf(progress: Progress): (name: string | null) => void {
  return (name) => {
    if (name === null) progress.end();
    else progress.update(name, 0, 0);
  };
}

const BAR_CELLS = 24;
const LABEL_CELLS = 12;
const REDRAW_MS = 80;

/**
 * On a terminal a bar that is redrawn in place and leaves one line per stage; elsewhere plain lines:
 * one when a stage starts, one when it ends.
 *
 * @param nowMs - A clock that does not go backwards, in milliseconds.
 */
export function createProgress(stream: ProgressStream, nowMs: () => number): Progress {
  return stream.isTTY === true ? bars(stream, nowMs) : lines(stream, nowMs);
}

function bars(stream: ProgressStream, nowMs: () => number): Progress {
  let current: { stage: string; since: number } | null = null;
  let drawn = Number.NEGATIVE_INFINITY;
  const end = (note?: string): void => {
    if (current === null) return;
    const time = formatMs(nowMs() - current.since);
    stream.write(`\r\u001b[2K${current.stage.padEnd(LABEL_CELLS)} ${time}${aside(note)}\n`);
    current = null;
  };
  return {
    update(stage, done, total) {
      if (current?.stage !== stage) {
        end();
        current = { stage, since: nowMs() };
        drawn = Number.NEGATIVE_INFINITY;
      }
      if (nowMs() - drawn < REDRAW_MS) return;
      drawn = nowMs();
      const fraction = total > 0 ? Math.min(Math.max(done / total, 0), 1) : 0;
      const filled = Math.round(fraction * BAR_CELLS);
      const bar = '█'.repeat(filled) + '░'.repeat(BAR_CELLS - filled);
      const percent = `${Math.round(100 * fraction)} %`.padStart(5);
      const text = `${stage.padEnd(LABEL_CELLS)} ${bar} ${percent}  ${formatMs(nowMs() - current.since)}`;
      stream.write(`\r\u001b[2K${text.slice(0, (stream.columns ?? 80) - 1)}`);
    },
    end,
  };
}

function lines(stream: ProgressStream, nowMs: () => number): Progress {
  let current: { stage: string; since: number } | null = null;
  const end = (note?: string): void => {
    if (current === null) return;
    stream.write(`${current.stage}: ${formatMs(nowMs() - current.since)}${aside(note)}\n`);
    current = null;
  };
  return {
    update(stage) {
      if (current?.stage === stage) return;
      end();
      current = { stage, since: nowMs() };
      stream.write(`${stage} …\n`);
    },
    end,
  };
}

const aside = (note: string | undefined): string => (note === undefined ? '' : `  ${note}`);

/** 0.4 ms, 38 ms, 1.24 s, 12.4 s, 2 min 5 s. */
export function formatMs(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** 812 B, 141.3 KiB, 1.25 MiB. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 ** 2) return `${(bytes / 1024).toFixed(1)} KiB`;
  if (bytes < 1024 ** 3) return `${(bytes / 1024 ** 2).toFixed(2)} MiB`;
  return `${(bytes / 1024 ** 3).toFixed(2)} GiB`;
}
