import type { z } from 'zod';
import { AppError } from '../../shared/errors.ts';

const MAX_ISSUES = 20;
/** Of a key that somebody sent, so many characters are sent back. */
const MAX_KEY = 60;
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
  if (first?.code === 'unrecognized_keys') return messageOfUnknown(field, first.keys);
  const where = field ? `"${field}"` : 'the request';
  const why = first && SPEAKING.has(first.code) ? ` ${first.message}` : '';
  return `Please check ${where}: it is not as expected.${why}`;
}

/** A misspelt field would otherwise be looked for in vain: only what it stands in has a path. */
function messageOfUnknown(field: string, keys: readonly string[]): string {
  const [key = ''] = keys;
  const name = [field, key.slice(0, MAX_KEY)].filter(Boolean).join('.');
  return `Please check "${name}": there is no such field here.`;
}
