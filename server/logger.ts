import type { Logger } from 'pino';
import { pino } from 'pino';

export type { Logger } from 'pino';

/** JSON lines on standard output: an event name and fields. Never strokes, tokens or secrets. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    base: null,
    redact: { paths: ['req.headers.cookie', 'req.headers.authorization'], remove: true },
  });
}
