import { z } from 'zod';

/** Every expected refusal and the HTTP status it has. What is not in here is a bug: `internal`. */
export const ERROR_STATUS = {
  'request.invalid': 400,
  'request.too_large': 413,
  'request.rate_limited': 429,
  'request.wrong_content_type': 415,
  'route.unknown': 404,
  'session.missing': 401,
  'origin.refused': 403,
  'access.denied': 403,
  'project.unknown': 404,
  'project.protected': 403,
  'category.unknown': 404,
  'category.name_taken': 409,
  'category.too_many': 409,
  'canvas.unknown': 404,
  'canvas.renewed': 409,
  'canvas_version.unknown': 404,
  'canvas_version.too_many': 409,
  'sketch.unknown': 404,
  'sketch.empty': 400,
  'example.unknown': 404,
  'feedback.unknown': 404,
  'training_run.unknown': 404,
  'training_run.finished': 409,
  'dataset.too_small': 409,
  'dataset.too_large': 409,
  'training_run.impossible': 409,
  'model_version.unknown': 404,
  'model_version.not_rebuildable': 409,
  'model.unavailable': 503,
  'blobs.unavailable': 503,
  'database.unavailable': 503,
  'server.stopping': 503,
  internal: 500,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** The one shape of an error on every wire. */
export const ErrorReply = z.object({
  code: z.string(),
  message: z.string(),
  details: z.record(z.string(), z.unknown()),
});
export type ErrorReply = z.infer<typeof ErrorReply>;

/** An expected refusal. Its message is for people and says what to do next. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  // Four parameters: code and message are always there, the others nearly never together.
  // eslint-disable-next-line max-params
  constructor(
    code: ErrorCode,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
    this.name = 'AppError';
    this.code = code;
    this.details = details;
  }

  /** What the outside reads. */
  toReply(): ErrorReply {
    return { code: this.code, message: this.message, details: { ...this.details } };
  }
}

/** The reply for anything thrown: a bug is told without its insides. */
export function toErrorReply(error: unknown): ErrorReply {
  if (error instanceof AppError) return error.toReply();
  return {
    code: 'internal',
    message: 'Something went wrong on our side. Please try again.',
    details: {},
  };
}
