import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

export interface LogOptions {
  /** @default 'info' */
  readonly level?: string | undefined;
  /** Texts that no line may show: keys and passwords as this process was given them. */
  readonly secrets?: readonly string[] | undefined;
  /** Where lines go. @default standard error */
  readonly write?: ((line: string) => void) | undefined;
}

const NAMES = ['key', 'privateKey', 'secret', 'password', 'mnemonic', 'authorization', 'salt'];
const HIDDEN = '[hidden]';
/** Shorter ones would hide words that mean something. */
const LEAST_SECRET = 6;

/** The secret as it was given, and without its 0x: keys are printed both ways. */
function spellings(secret: string): readonly string[] {
  return [secret, secret.replace(/^0x/, '')].filter((text) => text.length >= LEAST_SECRET);
}

/**
 * Lines of JSON, one for each event. Fields that are called like secrets are hidden by name, and the
 * secrets of this process wherever they stand: in a message, in the text of an error.
 */
export function createLogger(options: LogOptions = {}): Logger {
  const {
    level = 'info',
    secrets = [],
    write = (line) => void process.stderr.write(line),
  } = options;
  const hidden = secrets.flatMap(spellings);
  const stream: DestinationStream = {
    write: (line) => {
      write(hidden.reduce((text, secret) => text.replaceAll(secret, HIDDEN), line));
    },
  };
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
        censor: HIDDEN,
      },
    },
    stream,
  );
}
