import { AppError } from '../../shared/errors.ts';
import type { PageOf, PageRequest } from './ports.ts';

/** A page of a list that is short enough to be read whole; the cursor is the last item's id. */
export function pageOf<T extends { readonly id: string }>(
  items: readonly T[],
  { limit, cursor }: PageRequest,
): PageOf<T> {
  const last = cursor === undefined ? -1 : items.findIndex(({ id }) => id === cursor);
  if (cursor !== undefined && last < 0)
    throw new AppError('request.invalid', 'This page of the list is no longer there. Start anew.');
  const page = items.slice(last + 1, last + 1 + limit);
  const isLast = last + 1 + limit >= items.length;
  return { items: page, nextCursor: isLast ? null : (page.at(-1)?.id ?? null) };
}
