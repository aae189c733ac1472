import { AppError } from '../../shared/errors.ts';

/** What every failure of a blob store is to the others. */
export function blobsUnavailable(cause: unknown): AppError {
  const message = 'Sketches cannot be stored or read at the moment. Please try again soon.';
  return new AppError('blobs.unavailable', message, {}, { cause });
}
