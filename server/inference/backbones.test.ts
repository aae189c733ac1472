import { describe, expect, test } from 'vitest';
import { Backbones, type BackboneAddress } from './backbones.ts';

/** Sessions that only remember whether they are open. */
function start(max = 2) {
  const opened: string[] = [];
  const closed: string[] = [];
  const evicted: string[] = [];
  const failing = new Set<string>();
  const session = (backboneId: string) => ({
    backboneId,
    close: async () => void closed.push(backboneId),
  });
  const backbones = new Backbones({
    starter: session('starter'),
    open: async ({ backboneId }) => {
      opened.push(backboneId);
      await Promise.resolve();
      if (failing.has(backboneId)) throw new Error('It is gone.');
      return session(backboneId);
    },
    onEvicted: (backboneId) => evicted.push(backboneId),
    onError: () => undefined,
    max,
  });
  const use = (backboneId: string): Promise<string> =>
    backbones.use(addressOf(backboneId), async (backbone) => backbone.backboneId);
  return { backbones, opened, closed, evicted, failing, use };
}

function addressOf(backboneId: string): BackboneAddress {
  return { backboneId, backboneKey: `backbones/${backboneId}` };
}

describe('the backbones in use', () => {
  test('are opened once, however many ask', async () => {
    const { opened, use } = start();
    expect(await Promise.all([use('a'), use('a'), use('a')])).toEqual(['a', 'a', 'a']);
    await use('a');
    expect(opened).toEqual(['a']);
  });

  test("are closed when others need the room, the least recently used first and never the starter's", async () => {
    const { backbones, closed, evicted, use } = start();
    for (const backboneId of ['a', 'starter', 'b', 'a', 'c']) await use(backboneId);
    await Promise.resolve();
    expect(evicted).toEqual(['b']);
    expect(closed).toEqual(['b']);
    expect(['a', 'b', 'c', 'starter'].map((id) => backbones.isOpen(id))).toEqual([
      ...[true, false, true, true],
    ]);
  });

  test('are not closed while somebody works with them', async () => {
    const { backbones, closed, evicted, use } = start(1);
    let finish: () => void = () => undefined;
    const work = new Promise<void>((resolve) => (finish = resolve));
    const working = backbones.use(addressOf('a'), () => work);
    await use('b');
    expect(evicted).toEqual(['a']);
    expect(closed).toEqual([]);
    finish();
    await working;
    await Promise.resolve();
    expect(closed).toEqual(['a']);
  });

  test('are tried again after one could not be opened', async () => {
    const { opened, failing, use, backbones } = start();
    failing.add('a');
    await expect(Promise.all([use('a'), use('a')])).rejects.toThrow('gone');
    expect(backbones.isOpen('a')).toBe(false);
    failing.delete('a');
    expect(await use('a')).toBe('a');
    expect(opened).toEqual(['a', 'a']);
  });

  test('are all closed at the end', async () => {
    const { backbones, closed, use } = start();
    await use('a');
    await use('b');
    await backbones.close();
    expect(closed.sort()).toEqual(['a', 'b', 'starter']);
  });
});
