import { z } from 'zod';
import { DEFAULT_PAGE_ITEMS, MAX_PAGE_ITEMS } from '../limits.ts';
import { Uuid } from '../uuid.ts';

/** One route of the HTTP contract. */
export interface Route {
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  /** Below `/api`, parameters as `:name`. */
  readonly path: string;
  readonly summary: string;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly status: 200 | 201 | 204;
  /** A schema, or the media type of a binary reply. */
  readonly reply: z.ZodType | 'image/png' | 'application/octet-stream' | null;
  /** Answers without a session, and opens none. */
  readonly isPublic?: true;
}

/** The parameter of a route that speaks of one thing. */
export const Id = z.object({ id: Uuid });

/** The query of a list. */
export const Page = z.object({
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE_ITEMS).default(DEFAULT_PAGE_ITEMS),
});

/** A page of a list; `nextCursor` is null on the last one. */
export function listOf<T extends z.ZodType>(
  item: T,
): z.ZodObject<{ items: z.ZodArray<T>; nextCursor: z.ZodNullable<z.ZodString> }> {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** Keeps each entry's own types. */
export function routes<const T extends Record<string, Route>>(table: T): T {
  return table;
}
