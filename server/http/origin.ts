import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../../shared/errors.ts';

/** Which pages may use the server besides its own. */
export interface OriginPolicy {
  readonly allowedOrigins: readonly string[];
  /** Behind a proxy the host that the browser asked for is in X-Forwarded-Host. */
  readonly isBehindProxy: boolean;
}

/**
 * Cookies travel with requests and sockets of foreign pages, too, so an `Origin` that is present
 * must be the server's own or an allowed one. Whoever sends none is not a browser.
 */
export function isOriginAllowed(headers: IncomingHttpHeaders, policy: OriginPolicy): boolean {
  const { origin } = headers;
  if (origin === undefined) return true;
  if (policy.allowedOrigins.includes(origin)) return true;
  const forwarded = policy.isBehindProxy ? headers['x-forwarded-host'] : undefined;
  const host = typeof forwarded === 'string' ? forwarded : headers.host;
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}

/** Throws `origin.refused`. */
export function assertOrigin(headers: IncomingHttpHeaders, policy: OriginPolicy): void {
  if (isOriginAllowed(headers, policy)) return;
  throw new AppError(
    'origin.refused',
    'This page may not use the server. Add its address to ALLOWED_ORIGINS if it should.',
  );
}
