import type { z } from 'zod';
import { AppError } from '../../shared/errors.ts';

const MAX_ISSUES = 20;
/** Kinds of issue whose message is for people; the others speak of types. */
const SPEAKING = new Set(['custom', 'too_small', 'too_big', 'invalid_format']);

/** The one line where what comes from outside becomes trusted. Throws `request.invalid`. */
export function parseInput(schema: z.ZodType | undefined, value: unknown): unknown {
  if (!schema) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, MAX_ISSUES).map(({ path, message }) => ({
    path: path.map(String).join('.'),
    message,
  }));
  throw new AppError('request.invalid', messageOf(parsed.error), { issues });
}

function messageOf({ issues }: z.ZodError): string {
  const [first] = issues;
  const field = first?.path.map(String).join('.') ?? '';
  const where = field ? `"${field}"` : 'the request';
  const why = first && SPEAKING.has(first.code) ? ` ${first.message}` : '';
  return `Please check ${where}: it is not as expected.${why}`;
}
