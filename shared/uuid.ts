import { z } from 'zod';

/**
 * An id that somebody sends. The database finds it however it is written, memory only as the
 * database writes it: so it is in small letters from here on.
 */
export const Uuid = z.uuid().toLowerCase();
