import type { Request, RequestHandler, Response } from 'express';
import { json, Router } from 'express';
import { z } from 'zod';
import type { RouteName } from '../../shared/api.ts';
import { API } from '../../shared/api.ts';
import type { Route } from '../../shared/api/route.ts';
import { AppError } from '../../shared/errors.ts';
import { MAX_REQUEST_BYTES } from '../../shared/limits.ts';
import type { Handlers } from './handlers.ts';
import { participantIdOf } from './identify.ts';
import { parseInput } from './parse.ts';

/** A handler without its types: the table `Handlers` has made sure that it fits its route. */
type AnyHandler = (request: {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly participantId: string;
}) => Promise<unknown>;

const parseJson = json({ limit: MAX_REQUEST_BYTES, type: 'application/json', strict: false });

/** All routes of the API table: identify, parse, call the domain, reply. */
export function createApiRouter(handlers: Handlers, identify: readonly RequestHandler[]): Router {
  const router = Router({ caseSensitive: true });
  for (const name of Object.keys(API) as RouteName[]) {
    const route: Route = API[name];
    const steps: RequestHandler[] = route.isPublic ? [] : [...identify];
    if (route.body) steps.push(requireJson, parseJson);
    router[route.method](route.path, ...steps, answer(route, handlers[name] as AnyHandler));
  }
  return router;
}

function answer(route: Route, handler: AnyHandler): RequestHandler {
  return async (request, response) => {
    const result = await handler({
      params: parseInput(route.params, request.params),
      query: parseInput(route.query, request.query),
      // A request without a body says the same as an empty object.
      body: parseInput(route.body, hasBody(request) ? request.body : {}),
      participantId: route.isPublic ? '' : participantIdOf(request),
    });
    reply(response.status(route.status), route, result);
  };
}

/** What leaves is of the route's schema: what records hold beyond it stays inside. */
function reply(response: Response, { reply: schema }: Route, result: unknown): void {
  if (schema === null) response.end();
  else if (schema instanceof z.ZodType) response.json(schema.parse(result));
  else if (result instanceof Uint8Array) response.type(schema).send(Buffer.from(result));
  else throw new Error('A binary route has not answered with bytes.');
}

const requireJson: RequestHandler = (request, _response, next) => {
  if (hasBody(request) && !request.is('application/json'))
    throw new AppError(
      'request.wrong_content_type',
      'Send the body as JSON, with "Content-Type: application/json".',
    );
  next();
};

function hasBody(request: Request): boolean {
  const { 'transfer-encoding': encoding, 'content-length': length } = request.headers;
  return encoding !== undefined || Number(length ?? 0) > 0;
}
