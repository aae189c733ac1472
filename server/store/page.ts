import { AppError } from '../../shared/errors.ts';
import type { PageOf, PageRequest } from '../domain/ports.ts';

/** The largest value of a `position`, PostgreSQL's bigint: comes after every row. */
const LAST = 2n ** 63n - 1n;

/**
 * Lists go by `position`, a number that rises with each row, newest first. The cursor is the
 * position of the last row of a page, so a page stays right while rows come and go.
 */
export function positionBefore(page: PageRequest): string {
  if (page.cursor === undefined) return LAST.toString();
  const text = Buffer.from(page.cursor, 'base64url').toString('latin1');
  const position = /^\d{1,19}$/.test(text) ? BigInt(text) : LAST + 1n;
  if (position <= LAST) return position.toString();
  throw new AppError(
    'request.invalid',
    'This page of the list does not exist: start from the first.',
  );
}

/** A page from its rows; one more than the limit was asked for, to know whether there are more. */
export function toPage<Row extends { readonly position: string }, T>(
  rows: readonly Row[],
  limit: number,
  present: (row: Row) => T,
): PageOf<T> {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return {
    items: shown.map(present),
    nextCursor: last ? Buffer.from(last.position, 'latin1').toString('base64url') : null,
  };
}
