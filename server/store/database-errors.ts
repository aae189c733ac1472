import { BaseError, ConnectionError } from 'sequelize';
import type { ErrorCode } from '../../shared/errors.ts';
import { AppError } from '../../shared/errors.ts';

/** What a row that another row points to is called, by the end of the constraint's name. */
const MISSING: readonly (readonly [ending: string, code: ErrorCode, message: string])[] = [
  ['_project_id_fkey', 'project.unknown', 'This project does not exist any more.'],
  ['_category_id_fkey', 'category.unknown', 'This category does not exist any more.'],
  ['_canvas_id_fkey', 'canvas.unknown', 'This canvas does not exist any more.'],
  ['_example_id_fkey', 'example.unknown', 'This example does not exist any more.'],
  ['_training_run_id_fkey', 'training_run.unknown', 'This training run does not exist any more.'],
  [
    '_model_version_id_fkey',
    'model_version.unknown',
    'This model version does not exist any more.',
  ],
  ['_participant_id_fkey', 'session.missing', 'Your session has ended: reload the page.'],
  ['_author_id_fkey', 'session.missing', 'Your session has ended: reload the page.'],
];

/** SQLSTATEs of values that no column of ours can hold: bad UTF-8 or NUL, JSON, ids, numbers, dates. */
const UNSTORABLE = new Set(['22021', '22P05', '22P02', '22003', '22007', '22008', '22001']);

/** Codes of the network, beside the SQLSTATE classes of connections (08) and shutdowns (57P). */
const NETWORK = /^(08|57P|53300|ECONN|ENOTFOUND|ENOENT|EPIPE|ETIMEDOUT|EHOST|EAI_AGAIN)/;
const LOST =
  /Connection terminated|Client has encountered a connection error|timeout exceeded|not queryable/;

type AsyncMethod = (...args: never[]) => Promise<unknown>;

/** The adapter with every failure of its methods told in the project's own errors. */
export function withDatabaseErrors<T extends { [K in keyof T]: AsyncMethod }>(adapter: T): T {
  const methods = Object.entries<AsyncMethod>(adapter);
  const translated = methods.map(([name, method]) => [name, translating(method)] as const);
  // Each method has kept its name and its type.
  return Object.fromEntries(translated) as T;
}

function translating(method: AsyncMethod): AsyncMethod {
  return async (...args) => {
    try {
      return await method(...args);
    } catch (error) {
      throw toAppError(error);
    }
  };
}

/** What a failure of the database means; what is not expected stays as it is: a bug. */
function toAppError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const { code, constraint } = facts(error);
  if (isUnavailable(error, code)) {
    const message = 'The database cannot be reached. Please try again in a moment.';
    return new AppError('database.unavailable', message, {}, { cause: error });
  }
  if (code === '23505' && constraint === 'categories_name') {
    const message = 'There is a category of that name already.';
    return new AppError('category.name_taken', message, {}, { cause: error });
  }
  if (code === '23503') return missing(error, constraint);
  if (UNSTORABLE.has(code)) return unstorable(error);
  return error;
}

/** The refusal of a value that Postgres cannot hold. */
export function unstorable(cause?: unknown): AppError {
  const message = 'This holds a character or a number that cannot be stored.';
  return new AppError('request.invalid', message, {}, { cause });
}

function missing(error: unknown, constraint: string): unknown {
  const found = MISSING.find(([ending]) => constraint.endsWith(ending));
  return found ? new AppError(found[1], found[2], {}, { cause: error }) : error;
}

function isUnavailable(error: unknown, code: string): boolean {
  if (error instanceof ConnectionError || NETWORK.test(code)) return true;
  return code === '' && error instanceof Error && LOST.test(error.message);
}

/** The driver's code and constraint, whether Sequelize has wrapped its error or not. */
function facts(error: unknown): { code: string; constraint: string } {
  const isWrapped = error instanceof BaseError && 'parent' in error;
  const driverError: unknown = isWrapped ? error.parent : error;
  return { code: textOf(driverError, 'code'), constraint: textOf(driverError, 'constraint') };
}

function textOf(value: unknown, key: string): string {
  if (typeof value !== 'object' || value === null || !(key in value)) return '';
  const text: unknown = Reflect.get(value, key);
  return typeof text === 'string' ? text : '';
}
