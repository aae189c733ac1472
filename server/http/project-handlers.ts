import type { PROJECT_ROUTES } from '../../shared/api/projects.ts';
import type { Domain } from '../domain/domain.ts';
import type { Handlers } from './handlers.ts';

/** Projects and their canvases. */
export function projectHandlers({
  projects,
  canvases,
}: Domain): Handlers<keyof typeof PROJECT_ROUTES> {
  return {
    createProject: ({ participantId, body }) => projects.create(participantId, body.name),
    listProjects: ({ participantId, query }) => projects.list(participantId, query),
    getProject: ({ participantId, params }) => projects.get(participantId, params.id),
    changeProject: ({ participantId, params, body }) =>
      projects.change(participantId, params.id, body),
    deleteProject: async ({ participantId, params }) => {
      await projects.remove(participantId, params.id);
      return undefined;
    },
    getOwnerLink: async ({ participantId, params }) => ({
      token: await projects.ownerToken(participantId, params.id),
    }),
    claimOwnership: ({ participantId, body }) => projects.claimOwnership(participantId, body.token),
    createCanvas: ({ participantId, params, body }) =>
      canvases.create(participantId, { projectId: params.id, ...body }),
    listCanvases: ({ participantId, params, query }) =>
      canvases.list(participantId, params.id, query),
    openCanvas: ({ participantId, params }) => canvases.open(participantId, params.id),
  };
}
