import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { AppError } from '../../shared/errors.ts';
import { CLOSE_CODES } from '../../shared/sync-protocol.ts';
import type { Canvases } from '../domain/canvases.ts';
import type { Dismissals } from '../domain/standing.ts';
import type { Authorisation } from './upgrade.ts';

/** Who may come onto a canvas: whoever has a session and opens it from an allowed page. */
export function createAuthorise(options: {
  readonly participantIdOf: (request: IncomingMessage) => Promise<string | null>;
  readonly isOriginAllowed: (headers: IncomingHttpHeaders) => boolean;
  readonly canvases: Canvases;
  readonly dismissals: Dismissals;
}): (request: IncomingMessage, canvasId: string) => Promise<Authorisation> {
  return async (request, canvasId) => {
    if (!options.isOriginAllowed(request.headers)) return refuse(CLOSE_CODES.forbidden);
    const participantId = await options.participantIdOf(request);
    if (!participantId) return refuse(CLOSE_CODES.unauthorised);
    try {
      const { role } = await options.canvases.open(
        participantId,
        canvasId,
        (projectId) => !options.dismissals.has({ projectId, participantId }),
      );
      return { ok: true, participantId, role };
    } catch (error) {
      const closeCode = error instanceof AppError ? REFUSALS[error.code] : undefined;
      if (closeCode === undefined) throw error;
      return refuse(closeCode);
    }
  };
}

/** What cannot be put right by trying again. */
const REFUSALS: Readonly<Partial<Record<AppError['code'], number>>> = {
  'canvas.unknown': CLOSE_CODES.gone,
  'access.denied': CLOSE_CODES.forbidden,
  'project.protected': CLOSE_CODES.forbidden,
  'session.missing': CLOSE_CODES.unauthorised,
};

function refuse(closeCode: number): Authorisation {
  return { ok: false, closeCode };
}
