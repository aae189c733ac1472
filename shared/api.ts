import type { z } from 'zod';
import { HISTORY_ROUTES } from './api/canvas-history.ts';
import { DATASET_ROUTES } from './api/dataset.ts';
import { LEARNING_ROUTES } from './api/learning.ts';
import { PEOPLE_ROUTES } from './api/people.ts';
import { PROJECT_ROUTES } from './api/projects.ts';

/** The HTTP contract: one entry a route. The server's router, the page and OpenAPI read it. */
export const API = {
  ...PEOPLE_ROUTES,
  ...PROJECT_ROUTES,
  ...HISTORY_ROUTES,
  ...DATASET_ROUTES,
  ...LEARNING_ROUTES,
};

export type RouteName = keyof typeof API;
type Inferred<T> = T extends z.ZodType ? z.output<T> : undefined;
type Entry<N extends RouteName, K extends string> =
  (typeof API)[N] extends Record<K, infer S> ? S : undefined;

/** What a route takes, after its schemas. */
export interface RouteInput<N extends RouteName> {
  readonly params: Inferred<Entry<N, 'params'>>;
  readonly query: Inferred<Entry<N, 'query'>>;
  readonly body: Inferred<Entry<N, 'body'>>;
}

/** What a route answers: an object of its schema, bytes, or nothing. */
export type RouteReply<N extends RouteName> =
  Entry<N, 'reply'> extends z.ZodType
    ? z.input<Entry<N, 'reply'>>
    : Entry<N, 'reply'> extends null
      ? undefined
      : Uint8Array;
