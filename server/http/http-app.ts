import type { Express, RequestHandler } from 'express';
import express from 'express';
import { pinoHttp } from 'pino-http';
import type { Health } from '../../shared/api/people.ts';
import { AppError } from '../../shared/errors.ts';
import type { Domain } from '../domain/domain.ts';
import type { Logger } from '../logger.ts';
import { datasetHandlers } from './dataset-handlers.ts';
import { createErrorMiddleware, unknownRoute } from './error-middleware.ts';
import type { Handlers } from './handlers.ts';
import { historyHandlers } from './history-handlers.ts';
import { createIdentify } from './identify.ts';
import { learningHandlers } from './learning-handlers.ts';
import { createOpenApi } from './openapi.ts';
import type { MetricsRouteOptions } from './metrics-route.ts';
import { createMetricsRoute } from './metrics-route.ts';
import type { OriginPolicy } from './origin.ts';
import { assertOrigin } from './origin.ts';
import { createPages } from './pages.ts';
import { peopleHandlers } from './people-handlers.ts';
import { projectHandlers } from './project-handlers.ts';
import { createRateLimits } from './rate-limits.ts';
import { createApiRouter } from './router.ts';
import { securityHeaders } from './security-headers.ts';
import type { Sessions } from './sessions.ts';

export interface HttpOptions {
  readonly domain: Domain;
  readonly sessions: Sessions;
  readonly logger: Logger;
  readonly version: string;
  /** The built page. */
  readonly clientDir: string;
  readonly origins: OriginPolicy;
  readonly trustedProxies: number;
  readonly newGuestsPerAddress: number;
  readonly readHealth: () => Promise<Health>;
  readonly metrics: Pick<MetricsRouteOptions, 'token' | 'render'>;
  /** While true, everything but health is answered with `server.stopping`. */
  readonly isStopping: () => boolean;
}

/** Everything the server answers over HTTP. */
export function createHttpApp(options: HttpOptions): Express {
  const { logger, clientDir, trustedProxies } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set('trust proxy', trustedProxies);
  app.use(securityHeaders(), logRequests(logger));
  app.get('/metrics', createMetricsRoute({ trustedProxies, ...options.metrics }));
  app.use('/api', createApi(options));
  app.use(createPages(clientDir));
  app.use(unknownRoute);
  app.use(createErrorMiddleware(logger));
  return app;
}

function createApi(options: HttpOptions): express.Router {
  const { sessions, domain, newGuestsPerAddress } = options;
  const handlers: Handlers = {
    ...peopleHandlers(domain.participants, options.readHealth),
    ...projectHandlers(domain),
    ...historyHandlers(domain),
    ...datasetHandlers(domain),
    ...learningHandlers(domain),
  };
  const limits = createRateLimits({ newGuestsPerAddress });
  const identify = createIdentify({ sessions, participants: domain.participants, limits });
  const openApi = createOpenApi(options.version);
  const api = express.Router({ caseSensitive: true });
  api.use(noStore, checkOrigin(options.origins), refuseWhileStopping(options.isStopping));
  api.get('/openapi.json', (_request, response) => {
    response.json(openApi);
  });
  api.use(createApiRouter(handlers, identify), unknownRoute);
  return api;
}

/** Failures are told by the error middleware; the rest is for debugging. */
function logRequests(logger: Logger): RequestHandler {
  return pinoHttp({
    logger,
    quietReqLogger: true,
    customLogLevel: () => 'debug',
    customSuccessMessage: () => 'http.answered',
    customErrorMessage: () => 'http.refused',
    serializers: {
      req: (request: { method: string; url: string }) => ({
        method: request.method,
        url: request.url,
      }),
      res: (response: { statusCode: number }) => ({ status: response.statusCode }),
    },
  });
}

const noStore: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};

function checkOrigin(policy: OriginPolicy): RequestHandler {
  return (request, _response, next) => {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      assertOrigin(request.headers, policy);
    next();
  };
}

function refuseWhileStopping(isStopping: () => boolean): RequestHandler {
  return (request, _response, next) => {
    if (isStopping() && request.path !== '/health')
      throw new AppError('server.stopping', 'The server is being restarted. Please try again.');
    next();
  };
}
