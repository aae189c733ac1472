import { describe, expect, test } from 'vitest';
import { CLOSE_CODES } from '../../shared/sync-protocol.ts';
import type { ConnectionFacts } from './saving.ts';
import { meaningOfClose, savingStateOf } from './saving.ts';

const connected: ConnectionFacts = {
  wasConnected: true,
  isConnected: true,
  failures: 0,
  isSynced: true,
  sent: 3,
  acknowledged: 3,
  unsaved: 0,
  isKept: true,
  role: 'contributor',
  isRefused: false,
  refusal: null,
};

describe('the saving state', () => {
  const cases: readonly (readonly [string, Partial<ConnectionFacts>, string])[] = [
    ['is saved when all that was sent is on disk', {}, 'saved'],
    ['is saving while an acknowledgement is missing', { acknowledged: 2 }, 'saving'],
    [
      'is not saved before the step 2 that carries what was drawn offline has been sent',
      { sent: 0, acknowledged: 0 },
      'saving',
    ],
    ['is not saved while a change of an earlier connection is missing', { unsaved: 1 }, 'saving'],
    [
      'is connecting until the document has arrived',
      { isSynced: false, acknowledged: 0 },
      'connecting',
    ],
    [
      'is saving at once where changes wait for the connection',
      { isSynced: false, sent: 0, acknowledged: 0, unsaved: 2 },
      'saving',
    ],
    [
      'is connecting before the first connection',
      { wasConnected: false, isConnected: false },
      'connecting',
    ],
    [
      'is offline when the first connection fails again and again',
      { wasConnected: false, isConnected: false, failures: 2 },
      'offline',
    ],
    ['is offline after the connection was lost', { isConnected: false }, 'offline'],
    ['is not saving when the server refuses', { refusal: 'full' }, 'not_saving'],
    ['is watching for who may only look', { role: 'viewer' }, 'watching'],
    ['is not saving what a viewer has drawn before', { role: 'viewer', unsaved: 1 }, 'not_saving'],
    ['is not saving what a viewer has kept', { role: 'viewer', isRefused: true }, 'not_saving'],
  ];
  test.each(cases)('%s', (_sentence, facts, kind) => {
    expect(savingStateOf({ ...connected, ...facts }).kind).toBe(kind);
  });

  test('tells how much waits for the server, and whether it outlives the page', () => {
    const facts = { ...connected, isConnected: false, unsaved: 3, isKept: false };
    expect(savingStateOf(facts)).toEqual({ kind: 'offline', unsaved: 3, isKept: false });
  });
});

describe('a final close', () => {
  test('is told in words, whatever its code', () => {
    for (const code of [...Object.values(CLOSE_CODES), 1009, 4499]) {
      const { isFinal, reason } = meaningOfClose(code);
      if (isFinal) expect(reason).toMatch(/\.$/);
    }
  });

  test('is one that would be repeated for ever', () => {
    expect(meaningOfClose(1009).isFinal).toBe(true);
    expect(meaningOfClose(CLOSE_CODES.otherGeneration).isFinal).toBe(true);
  });
});

describe('a close that passes', () => {
  test('is told in words where there is something to understand', () => {
    expect(meaningOfClose(CLOSE_CODES.rateLimited)).toMatchObject({ isFinal: false });
    expect(meaningOfClose(CLOSE_CODES.rateLimited).reason).toMatch(/by itself/);
  });

  test('needs no words when the server restarts', () => {
    expect(meaningOfClose(CLOSE_CODES.restarting)).toEqual({ isFinal: false, reason: null });
  });
});
