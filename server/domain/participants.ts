import { randomInt } from 'node:crypto';
import { AppError } from '../../shared/errors.ts';
import type { Participant, ParticipantChange } from '../../shared/participant.ts';
import { PARTICIPANT_COLORS } from '../../shared/participant.ts';
import type { ParticipantStore } from './ports.ts';

// prettier-ignore
const MOODS = [
  'Brave', 'Calm', 'Cheerful', 'Clever', 'Curious', 'Gentle', 'Happy', 'Kind', 'Lively', 'Lucky',
  'Merry', 'Patient', 'Proud', 'Quick', 'Quiet', 'Sunny', 'Swift', 'Warm', 'Wise', 'Witty',
] as const;
// prettier-ignore
const ANIMALS = [
  'Badger', 'Beaver', 'Crane', 'Dolphin', 'Falcon', 'Fox', 'Gecko', 'Heron', 'Koala', 'Lark',
  'Lynx', 'Otter', 'Owl', 'Panda', 'Penguin', 'Robin', 'Seal', 'Swan', 'Tiger', 'Turtle',
] as const;

/** The people on the canvases: guests with a nickname and a colour. */
export class Participants {
  readonly #participants: ParticipantStore;
  #welcomed = randomInt(PARTICIPANT_COLORS.length);

  constructor(participants: ParticipantStore) {
    this.#participants = participants;
  }

  /**
   * A new guest with two friendly words for a name. Colours go round, so that people who come
   * together are told apart; by chance, two of five would look alike in six of ten groups.
   */
  async welcomeGuest(): Promise<Participant> {
    this.#welcomed = (this.#welcomed + 1) % PARTICIPANT_COLORS.length;
    return this.#participants.create({
      nickname: `${pick(MOODS)} ${pick(ANIMALS)}`,
      color: PARTICIPANT_COLORS[this.#welcomed] ?? PARTICIPANT_COLORS[0],
    });
  }

  async get(participantId: string): Promise<Participant> {
    const participant = await this.#participants.find(participantId);
    if (!participant)
      throw new AppError('session.missing', 'We do not know you any more. Please reload the page.');
    return participant;
  }

  async change(participantId: string, change: ParticipantChange): Promise<Participant> {
    const { nickname, color } = change;
    return this.#participants.update(participantId, {
      ...(nickname !== undefined && { nickname }),
      ...(color !== undefined && { color }),
    });
  }
}

function pick<T>(choices: readonly [T, ...T[]]): T {
  return choices[randomInt(choices.length)] ?? choices[0];
}
