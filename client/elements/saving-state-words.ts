import type { OfflineState, SavingState } from '../services/saving.ts';
import { counted } from './training/model-words.ts';

/** What the header says of the saving state. */
export interface SavingStateWords {
  readonly text: string;
  /** The same on a phone; null where the text is short enough, or a dot says it all. */
  readonly short: string | null;
  /** What it means, and what to do. */
  readonly why: string;
}

/** Puts the saving state into words. */
export function savingStateWords(state: SavingState): SavingStateWords {
  switch (state.kind) {
    case 'connecting':
      return words('Connecting …', 'The server has not answered yet. You can draw already.');
    case 'saving':
      return words('Saving …', 'On the way to the server.');
    case 'saved':
      return words('Saved', 'Everything that you drew is stored.');
    case 'watching':
      return words(
        'View only',
        'You can look at this canvas, but not draw on it. Ask its owner to let you draw.',
      );
    case 'offline':
      return offlineWords(state);
    case 'not_saving':
      return words('Not saving', state.reason);
  }
}

function words(text: string, why: string): SavingStateWords {
  return { text, short: null, why };
}

function offlineWords({ unsaved, isKept }: OfflineState): SavingStateWords {
  const back = 'it is sent by itself when the server can be reached.';
  if (unsaved === 0) return words('Offline', `You can draw on: ${back}`);
  const changes = counted(unsaved, 'change');
  if (!isKept)
    return {
      text: `Offline, ${changes} not sent`,
      short: `Offline, ${unsaved} not sent`,
      why: `Keep this page open: what you drew is on this page only, and ${back}`,
    };
  return {
    text: `Offline, ${changes} kept here`,
    short: `Offline, ${unsaved} kept`,
    why: `What you drew is kept in this browser, even when you close the page, and ${back}`,
  };
}
