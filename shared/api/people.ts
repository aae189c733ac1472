import { z } from 'zod';
import { Participant, ParticipantChange } from '../participant.ts';
import { routes } from './route.ts';

export const Health = z.object({
  status: z.enum(['ok', 'degraded']),
  version: z.string(),
  database: z.enum(['ok', 'unavailable']),
  blobs: z.enum(['ok', 'unavailable']),
  trainer: z.enum(['embedded', 'external', 'unavailable']),
});
export type Health = z.infer<typeof Health>;

/** Health and identity. */
export const PEOPLE_ROUTES = routes({
  getHealth: {
    method: 'get',
    path: '/health',
    summary: 'Whether the server and what it needs are up.',
    status: 200,
    reply: Health,
    isPublic: true,
  },
  getMe: {
    method: 'get',
    path: '/me',
    summary: 'Who I am; opens a session for a new guest.',
    status: 200,
    reply: Participant,
  },
  changeMe: {
    method: 'patch',
    path: '/me',
    summary: 'Changes my nickname or colour.',
    body: ParticipantChange,
    status: 200,
    reply: Participant,
  },
});
