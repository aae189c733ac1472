import { AppError } from '../../shared/errors.ts';
import type { Participant } from '../../shared/participant.ts';
import type { ParticipantStore } from '../domain/ports.ts';
import type { Database } from './database.ts';
import type { ParticipantModel } from './models/participant-model.ts';
import { isUuid } from './uuid.ts';

/** Participants in Postgres. */
export function createParticipantStore({ models }: Database): ParticipantStore {
  return {
    create: async (participant) => present(await models.participant.create(participant)),
    find: async (participantId) => {
      const row = isUuid(participantId) ? await models.participant.findByPk(participantId) : null;
      return row && present(row);
    },
    update: async (participantId, change) => {
      const row = isUuid(participantId) ? await models.participant.findByPk(participantId) : null;
      if (!row) throw new AppError('session.missing', 'Your session has ended: reload the page.');
      return present(await row.update(change));
    },
  };
}

function present({ id, nickname, color }: ParticipantModel): Participant {
  return { id, nickname, color };
}
