import type { HISTORY_ROUTES } from '../../shared/api/canvas-history.ts';
import type { Domain } from '../domain/domain.ts';
import type { Handlers } from './handlers.ts';

/** What canvases were, and beginning them anew. */
export function historyHandlers({
  canvasVersions: versions,
}: Domain): Handlers<keyof typeof HISTORY_ROUTES> {
  return {
    listCanvasVersions: ({ participantId, params, query }) =>
      versions.list(participantId, params.id, query),
    createCanvasVersion: ({ participantId, params, body }) =>
      versions.create(participantId, params.id, body.name),
    restoreCanvasVersion: ({ participantId, params }) => versions.restore(participantId, params.id),
    deleteCanvasVersion: async ({ participantId, params }) => {
      await versions.remove(participantId, params.id);
      return undefined;
    },
    renewCanvas: ({ participantId, params }) => versions.renew(participantId, params.id),
  };
}
