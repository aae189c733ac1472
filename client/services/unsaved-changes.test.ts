import { beforeEach, describe, expect, test } from 'vitest';
import { UnsavedChanges } from './unsaved-changes.ts';

let changes: UnsavedChanges;
beforeEach(() => {
  changes = new UnsavedChanges();
});

describe('changes that are not saved yet', () => {
  test('are saved when the message that carried them is', () => {
    changes.add(2);
    changes.add(3);
    changes.acknowledge(2, 1);
    expect(changes.count).toBe(1);
    changes.acknowledge(3, 1);
    expect(changes.count).toBe(0);
  });

  test('made without a connection are saved with the step 2 of the next one', () => {
    changes.add(null);
    changes.acknowledge(1, null);
    expect(changes.count).toBe(1);
    changes.acknowledge(1, 2);
    expect(changes.count).toBe(1);
    changes.acknowledge(2, 2);
    expect(changes.count).toBe(0);
  });

  test('that were on their way when the connection was lost wait for the next one', () => {
    changes.add(4);
    changes.disconnect();
    changes.add(2);
    changes.acknowledge(1, 1);
    expect(changes.count).toBe(1);
  });
});
