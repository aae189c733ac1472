import { AppError } from '../../shared/errors.ts';

/** For who still holds a room that has been put away: its canvas was begun anew, or deleted. */
export function leftMemory(): AppError {
  return new AppError(
    'canvas.renewed',
    'This canvas has changed too much meanwhile. Reload it and try again.',
  );
}
