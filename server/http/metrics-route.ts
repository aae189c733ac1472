import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { AppError } from '../../shared/errors.ts';

export interface MetricsRouteOptions {
  /** Opens the metrics to other machines; absent: to none. */
  readonly token: string | undefined;
  /** Behind how many proxies the server stands. */
  readonly trustedProxies: number;
  readonly render: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

/** Figures for operators: for this machine, and for whoever knows the token. Opens no session. */
export function createMetricsRoute(options: MetricsRouteOptions): RequestHandler {
  return async (request, response) => {
    const isAllowed = isOfThisMachine(request, options) || knowsToken(request, options);
    response.set('Cache-Control', 'no-store');
    if (!isAllowed) {
      response.set('WWW-Authenticate', 'Bearer');
      throw new AppError(
        'access.denied',
        'The metrics are open to this machine only. To read them from another one, set METRICS_TOKEN at the server and send "Authorization: Bearer <the token>".',
      );
    }
    const { contentType, text } = await options.render();
    response.set('Content-Type', contentType).send(text);
  };
}

const LOOPBACK = /^(?:::ffff:)?127\.|^::1$/;
/** What a proxy adds. One of this machine that the server was not told of hides who really asks. */
const OF_PROXIES = ['x-forwarded-for', 'x-real-ip', 'forwarded', 'via'] as const;

function isOfThisMachine(request: Request, { trustedProxies }: MetricsRouteOptions): boolean {
  const { ip = '', socket, headers } = request;
  // Both: whoever reaches the server past its proxy could say that he asks for 127.0.0.1.
  if (!LOOPBACK.test(ip) || !LOOPBACK.test(socket.remoteAddress ?? '')) return false;
  return trustedProxies > 0 || OF_PROXIES.every((name) => headers[name] === undefined);
}

function knowsToken({ headers }: Request, { token }: MetricsRouteOptions): boolean {
  const said = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
  if (token === undefined || said === undefined) return false;
  // Of equal length, as the comparison needs it, and it takes as long for any wrong token.
  return timingSafeEqual(digestOf(said), digestOf(token));
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
