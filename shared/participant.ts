import { z } from 'zod';
import { MAX_NICKNAME_CHARACTERS } from './limits.ts';

/** Twelve ink colours that colour-blind people can tell apart, 3:1 on light and dark paper. */
export const PARTICIPANT_COLORS = [
  '#0b7fab',
  '#c2410c',
  '#7c5cd6',
  '#3f8a2e',
  '#c02672',
  '#a16207',
  '#0d8a80',
  '#d03b3b',
  '#4f74d9',
  '#8a6d52',
  '#9a4bb0',
  '#6b7a1e',
] as const;

/** What somebody may do in a project; each role may do all that the ones after it may. */
export const Role = z.enum(['owner', 'editor', 'contributor', 'viewer']);
export type Role = z.infer<typeof Role>;

/** A person on a canvas: a guest with a nickname (later also a user with an account). */
export const Participant = z.object({
  id: z.uuid(),
  nickname: z.string(),
  color: z.string(),
});
export type Participant = z.infer<typeof Participant>;

/** No control characters and no halves of characters (lone surrogates). */
export const PLAIN_TEXT = /^[^\p{Cc}\p{Cs}]*$/u;

export const ParticipantChange = z
  .object({
    nickname: z
      .string()
      .trim()
      .min(1)
      .max(MAX_NICKNAME_CHARACTERS)
      .regex(PLAIN_TEXT, 'A nickname has no control characters.')
      .optional(),
    color: z.enum(PARTICIPANT_COLORS).optional(),
  })
  .strict();
export type ParticipantChange = z.infer<typeof ParticipantChange>;
