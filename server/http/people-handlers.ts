import type { Health, PEOPLE_ROUTES } from '../../shared/api/people.ts';
import type { Participants } from '../domain/participants.ts';
import type { Handlers } from './handlers.ts';

/** Health and identity. */
export function peopleHandlers(
  participants: Participants,
  readHealth: () => Promise<Health>,
): Handlers<keyof typeof PEOPLE_ROUTES> {
  return {
    getHealth: readHealth,
    getMe: ({ participantId }) => participants.get(participantId),
    changeMe: ({ participantId, body }) => participants.change(participantId, body),
  };
}
