import { describe, expect, test } from 'vitest';
import { CLOSE_CODES } from '../../shared/sync-protocol.ts';
import type { ConnectionFacts } from './saving.ts';
import { reasonOfClose, savingStateOf } from './saving.ts';

const connected: ConnectionFacts = {
  wasConnected: true,
  isConnected: true,
  isSynced: true,
  sent: 3,
  acknowledged: 3,
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
    [
      'is connecting until the document has arrived',
      { isSynced: false, acknowledged: 0 },
      'connecting',
    ],
    [
      'is connecting before the first connection',
      { wasConnected: false, isConnected: false },
      'connecting',
    ],
    ['is offline after the connection was lost', { isConnected: false }, 'offline'],
    ['is not saving when the server refuses', { refusal: 'full' }, 'not_saving'],
  ];
  test.each(cases)('%s', (_sentence, facts, kind) => {
    expect(savingStateOf({ ...connected, ...facts }).kind).toBe(kind);
  });
});

describe('a final close', () => {
  test('is told in words, whatever its code', () => {
    for (const code of [...Object.values(CLOSE_CODES), 4499])
      expect(reasonOfClose(code)).toMatch(/\.$/);
  });
});
