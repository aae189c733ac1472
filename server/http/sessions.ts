import type { IncomingMessage } from 'node:http';
import { ServerResponse } from 'node:http';
import connectPgSimple from 'connect-pg-simple';
import type { RequestHandler } from 'express';
import session from 'express-session';
import type { Pool } from 'pg';
import { AppError } from '../../shared/errors.ts';

declare module 'express-session' {
  interface SessionData {
    participantId: string;
  }
}

/** Browsers keep a cookie for 400 days at most. A guest is nobody else after that time. */
const MAX_AGE_MS = 400 * 24 * 60 * 60 * 1_000;
const PRUNE_EVERY_SECONDS = 60 * 60;

/** Who is who: server-side sessions in Postgres, known to HTTP and to both sockets by one cookie. */
export interface Sessions {
  /** Loads the session of a request; throws `database.unavailable` by `next`. */
  readonly middleware: RequestHandler;
  /** Who opens a socket, or null without a session. Never opens one. */
  participantIdOf(request: IncomingMessage): Promise<string | null>;
  close(): void;
}

/** Sessions in the table `session`. */
export function createSessions(options: {
  readonly pool: Pool;
  readonly secret: string;
  readonly onError: (error: unknown) => void;
}): Sessions {
  const PgStore = connectPgSimple(session);
  const store = new PgStore({
    pool: options.pool,
    tableName: 'session',
    pruneSessionInterval: PRUNE_EVERY_SECONDS,
    // The cookie lives from the first visit on; to write a row at each request would gain nothing.
    disableTouch: true,
    errorLog: (...told: unknown[]) => options.onError(told.at(-1)),
  });
  const load = session({
    store,
    name: 'tc.sid',
    secret: options.secret,
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax', secure: 'auto', maxAge: MAX_AGE_MS },
  });
  const middleware: RequestHandler = (request, response, next) => {
    load(request, response, (error?: unknown) => {
      next(error === undefined ? undefined : unavailable(error));
    });
  };
  return {
    middleware,
    participantIdOf: (request) => participantIdOf(load, request),
    close: () => store.close(),
  };
}

async function participantIdOf(
  load: RequestHandler,
  request: IncomingMessage,
): Promise<string | null> {
  const loaded = request as Parameters<RequestHandler>[0];
  // express-session wants a response to hang the cookie on; an upgrade has none, and needs none.
  const response = new ServerResponse(request) as Parameters<RequestHandler>[1];
  await new Promise<void>((resolve, reject) => {
    void load(loaded, response, (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(unavailable(error));
    });
  });
  return loaded.session.participantId ?? null;
}

/** The store does nothing but ask the database. */
function unavailable(cause: unknown): AppError {
  const message = 'The database cannot be reached. Please try again in a moment.';
  return new AppError('database.unavailable', message, {}, { cause });
}
