import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { ErrorCode } from '../../shared/errors.ts';
import { AppError, ERROR_STATUS, toErrorReply } from '../../shared/errors.ts';
import type { Logger } from '../logger.ts';

/** What express and its body parser throw, by their `type`, else by status. */
const PARSER_ERRORS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  'entity.too.large': ['request.too_large', 'This is too large. Send it in smaller parts.'],
  'entity.parse.failed': ['request.invalid', 'The body of the request is not valid JSON.'],
  'encoding.unsupported': ['request.wrong_content_type', 'Send the body as plain JSON.'],
  'charset.unsupported': ['request.wrong_content_type', 'Send the body as JSON in UTF-8.'],
};

const NOTHING_HERE = 'There is nothing at this address.';

/** For whatever no route has answered. */
export const unknownRoute: RequestHandler = () => {
  throw new AppError('route.unknown', NOTHING_HERE);
};

/** `AppError` to its status and reply; anything else is a bug: logged, and told as `internal`. */
export function createErrorMiddleware(logger: Logger): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  // eslint-disable-next-line max-params
  return (thrown: unknown, request, response, next) => {
    const error = toAppError(thrown);
    if (!(error instanceof AppError)) {
      logger.error({ err: error, method: request.method, path: request.path }, 'http.bug');
    } else if (ERROR_STATUS[error.code] >= 500) {
      logger.warn({ code: error.code, path: request.path, err: error.cause }, 'http.unavailable');
    }
    if (response.headersSent) return next(thrown);
    const status = error instanceof AppError ? ERROR_STATUS[error.code] : 500;
    const retryAfter = error instanceof AppError ? error.details['retryAfterSeconds'] : undefined;
    if (typeof retryAfter === 'number') response.set('Retry-After', String(retryAfter));
    response.status(status).json(toErrorReply(error));
  };
}

function toAppError(thrown: unknown): unknown {
  if (thrown instanceof AppError || !(thrown instanceof Error)) return thrown;
  const type: unknown = Reflect.get(thrown, 'type');
  const known = typeof type === 'string' ? PARSER_ERRORS[type] : undefined;
  if (known) return new AppError(known[0], known[1], {}, { cause: thrown });
  const status: unknown = Reflect.get(thrown, 'status');
  const isRefusal = typeof status === 'number' && status >= 400 && status < 500;
  if (!isRefusal) return thrown;
  if (status === 404) return new AppError('route.unknown', NOTHING_HERE, {}, { cause: thrown });
  return new AppError('request.invalid', 'This request cannot be read.', {}, { cause: thrown });
}
