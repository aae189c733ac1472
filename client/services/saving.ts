import type { Role } from '../../shared/participant.ts';
import { CLOSE_CODES } from '../../shared/sync-protocol.ts';

/** Whether what was drawn is safe, as the header tells it. */
export type SavingState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'saving' }
  | { readonly kind: 'saved' }
  /** Nothing to save: this person may only look. */
  | { readonly kind: 'watching' }
  | OfflineState
  | { readonly kind: 'not_saving'; readonly reason: string };

/** No connection; it comes back by itself. */
export interface OfflineState {
  readonly kind: 'offline';
  /** How many changes wait for the server. */
  readonly unsaved: number;
  /** Whether they outlive this page. */
  readonly isKept: boolean;
}

/** What is known of the connection to the server. */
export interface ConnectionFacts {
  readonly wasConnected: boolean;
  readonly isConnected: boolean;
  /** How many attempts to connect have failed in a row. */
  readonly failures: number;
  /** The server's document has arrived. */
  readonly isSynced: boolean;
  /** Step-2 and update messages sent on this connection. */
  readonly sent: number;
  /** How many of them are on disk. */
  readonly acknowledged: number;
  /** Changes of this page that are not known to be on disk, whichever connection they went by. */
  readonly unsaved: number;
  /** Changes outlive this page, in this browser. */
  readonly isKept: boolean;
  readonly role: Role;
  /** The server has refused a change of somebody who may only look. */
  readonly isRefused: boolean;
  /** Why the server keeps nothing of this page, for ever or for now; for people. */
  readonly refusal: string | null;
}

/** Up to so many failures, a page that has just been opened is not called offline. */
const FAILURES_OF_A_START = 2;

/**
 * Saved only when the server has everything on disk: the step 2 of this connection, which carries
 * what was drawn offline and what this browser has kept, and every update after it.
 */
export function savingStateOf(facts: ConnectionFacts): SavingState {
  if (facts.refusal !== null) return { kind: 'not_saving', reason: facts.refusal };
  if (!facts.isConnected) return unconnectedState(facts);
  const isViewer = facts.role === 'viewer';
  if (isViewer && (facts.isRefused || facts.unsaved > 0)) return withheldState(facts);
  if (isSaved(facts)) return { kind: isViewer ? 'watching' : 'saved' };
  return { kind: facts.isSynced || facts.unsaved > 0 ? 'saving' : 'connecting' };
}

function isSaved({ isSynced, sent, acknowledged, unsaved }: ConnectionFacts): boolean {
  return isSynced && sent > 0 && acknowledged >= sent && unsaved === 0;
}

function unconnectedState(facts: ConnectionFacts): SavingState {
  const { wasConnected, failures, unsaved, isKept } = facts;
  const isStarting = !wasConnected && failures < FAILURES_OF_A_START;
  return isStarting ? { kind: 'connecting' } : { kind: 'offline', unsaved, isKept };
}

function withheldState({ isKept }: ConnectionFacts): SavingState {
  const kept = isKept
    ? 'What you drew stays in this browser, and is sent when you may draw again.'
    : 'What you drew is only on this page.';
  return { kind: 'not_saving', reason: `You can only look at this canvas now. ${kept}` };
}

/** The browser's own code for a message that the server does not take. */
const TOO_BIG = 1009;

const FINAL_REASONS: Readonly<Record<number, string>> = {
  [CLOSE_CODES.badMessage]: 'The server did not understand this page. Reload it.',
  [CLOSE_CODES.unauthorised]: 'Your visit has ended. Reload the page to draw on.',
  [CLOSE_CODES.forbidden]: 'You may not draw on this canvas. Ask its owner for a link.',
  [CLOSE_CODES.gone]: 'This canvas does not exist any more.',
  [CLOSE_CODES.documentFull]:
    'This canvas is full. Its owner can make room under Versions; a new canvas has room, too.',
  [TOO_BIG]:
    'A change is too large for the server. Undo what you did last, then reload the page to send the rest.',
};

const PASSING_REASONS: Readonly<Record<number, string>> = {
  [CLOSE_CODES.rateLimited]:
    'That was too much at once for the server. Wait a moment: the page sends it again by itself.',
  [CLOSE_CODES.tooSlow]:
    'Your connection is too slow for so many people. The page catches up by itself.',
};

/** What a close code tells the page. */
export interface CloseMeaning {
  /** Coming back is of no use. */
  readonly isFinal: boolean;
  /** What it means for people; null where "offline" says enough. */
  readonly reason: string | null;
}

/** Reads a close code: 4400 to 4499 are final, and so is what would be refused again each time. */
export function meaningOfClose(code: number): CloseMeaning {
  const isFinal = (code >= 4400 && code < 4500) || code === TOO_BIG;
  if (!isFinal) return { isFinal, reason: PASSING_REASONS[code] ?? null };
  const reason = FINAL_REASONS[code] ?? 'The server has closed this canvas. Reload the page.';
  return { isFinal, reason };
}
