import type { z } from 'zod';
import type { RouteName, RouteReply } from '../../shared/api.ts';
import { API } from '../../shared/api.ts';
import { ErrorReply } from '../../shared/errors.ts';

type Part<N extends RouteName, K extends 'params' | 'query' | 'body'> =
  (typeof API)[N] extends Record<K, infer S extends z.ZodType> ? z.input<S> : undefined;

/** What a route is called with, before its schemas have filled in defaults. */
export interface CallInput<N extends RouteName> {
  readonly params?: Part<N, 'params'>;
  readonly query?: Part<N, 'query'>;
  readonly body?: Part<N, 'body'>;
}

/** A refusal of the server, or no answer at all (`network`). Its message is for people. */
export class ApiError extends Error {
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(reply: ErrorReply) {
    super(reply.message);
    this.name = 'ApiError';
    this.code = reply.code;
    this.details = reply.details;
  }
}

/** The HTTP interface, typed by the shared route table. */
export class Api {
  readonly #fetch: typeof fetch;

  constructor(fetchLike: typeof fetch = (...request) => fetch(...request)) {
    this.#fetch = fetchLike;
  }

  /** Calls a route and gives its reply. Throws `ApiError`. */
  async call<N extends RouteName>(name: N, input: CallInput<N> = {}): Promise<RouteReply<N>> {
    const route = API[name];
    const response = await this.#send(urlOf(route.path, input), {
      method: route.method.toUpperCase(),
      ...('body' in route && {
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(input.body ?? {}),
      }),
    });
    if (!response.ok) throw new ApiError(await errorOf(response));
    // The server answers by the same table that types the reply.
    if (response.status === 204) return undefined as RouteReply<N>;
    return (await response.json()) as RouteReply<N>;
  }

  async #send(url: string, init: RequestInit): Promise<Response> {
    try {
      return await this.#fetch(url, init);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new ApiError({
        code: 'network',
        message: 'The server cannot be reached right now. Check the connection, then try again.',
        details: {},
      });
    }
  }
}

/** What to tell people about anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof ApiError ? error.message : 'Something went wrong here. Please try again.';
}

function urlOf(
  path: string,
  input: { readonly params?: unknown; readonly query?: unknown },
): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(textOf(input.params, name)),
  );
  const query = new URLSearchParams(
    Object.keys(input.query ?? {}).map((name) => [name, textOf(input.query, name)]),
  );
  return `/api${filled}${query.size > 0 ? `?${query.toString()}` : ''}`;
}

function textOf(values: unknown, name: string): string {
  const value = (values as Record<string, string | number> | undefined)?.[name];
  return value === undefined ? '' : String(value);
}

async function errorOf(response: Response): Promise<ErrorReply> {
  const parsed = ErrorReply.safeParse(await response.json().catch(() => null));
  if (parsed.success) return parsed.data;
  return {
    code: 'internal',
    message: 'The server gave an answer that this page does not understand. Please reload.',
    details: { status: response.status },
  };
}
