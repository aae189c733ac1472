import type { Request, RequestHandler } from 'express';
import type { Participants } from '../domain/participants.ts';
import type { RateLimits } from './rate-limits.ts';
import type { Sessions } from './sessions.ts';

/** Knows a request by its session; who has none becomes a new guest and gets one. */
export function createIdentify(options: {
  readonly sessions: Sessions;
  readonly participants: Participants;
  readonly limits: RateLimits;
}): RequestHandler[] {
  const { sessions, participants, limits } = options;
  const welcome: RequestHandler = async (request, _response, next) => {
    if (!request.session.participantId) {
      await limits.countNewGuest(request.ip ?? '');
      request.session.participantId = (await participants.welcomeGuest()).id;
    }
    await limits.countRequest(request.session.participantId);
    next();
  };
  return [sessions.middleware, welcome];
}

/** Who asks, past `createIdentify`. */
export function participantIdOf(request: Request): string {
  const { participantId } = request.session;
  if (!participantId) throw new Error('A route asks for its caller before it was identified.');
  return participantId;
}
