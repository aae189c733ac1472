import { CLOSE_CODES } from '../../shared/sync-protocol.ts';

/** Whether what was drawn is safe, as the header tells it. */
export type SavingState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'saving' }
  | { readonly kind: 'saved' }
  | { readonly kind: 'offline' }
  | { readonly kind: 'not_saving'; readonly reason: string };

/** What is known of the connection to the server. */
export interface ConnectionFacts {
  readonly wasConnected: boolean;
  readonly isConnected: boolean;
  /** The server's document has arrived. */
  readonly isSynced: boolean;
  /** Step-2 and update messages sent on this connection. */
  readonly sent: number;
  /** How many of them are on disk. */
  readonly acknowledged: number;
  /** Why the server keeps nothing of this page any more, for people. */
  readonly refusal: string | null;
}

/**
 * Saved only when the server has everything on disk: the step 2 of this connection, which carries
 * what was drawn offline, and every update after it.
 */
export function savingStateOf(facts: ConnectionFacts): SavingState {
  if (facts.refusal !== null) return { kind: 'not_saving', reason: facts.refusal };
  if (!facts.isConnected) return { kind: facts.wasConnected ? 'offline' : 'connecting' };
  const isSaved = facts.isSynced && facts.sent > 0 && facts.acknowledged >= facts.sent;
  if (isSaved) return { kind: 'saved' };
  return { kind: facts.isSynced ? 'saving' : 'connecting' };
}

const REASONS: Readonly<Record<number, string>> = {
  [CLOSE_CODES.badMessage]: 'The server did not understand this page. Reload it.',
  [CLOSE_CODES.unauthorised]: 'Your visit has ended. Reload the page to draw on.',
  [CLOSE_CODES.forbidden]: 'You may not draw on this canvas. Ask its owner for a link.',
  [CLOSE_CODES.gone]: 'This canvas does not exist any more.',
  [CLOSE_CODES.documentFull]: 'This canvas is full. Start a new one.',
};

/** What a final close code means for people. */
export function reasonOfClose(code: number): string {
  return REASONS[code] ?? 'The server has closed this canvas. Reload the page.';
}
