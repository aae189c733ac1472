import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { buildInk } from '../test/support/build-ink.ts';
import type { CanvasDoc } from './canvas-doc.ts';
import {
  addStroke,
  columnsOf,
  cutStroke,
  followMerges,
  isCutEntry,
  mergeSketch,
  openCanvasDoc,
  readSketch,
  readStrokes,
  rootFinder,
  updateSketch,
} from './canvas-doc.ts';

function canvasWith(...strokes: readonly [id: string, sketchId: string][]): CanvasDoc {
  const canvas = openCanvasDoc(new Y.Doc());
  for (const [id, sketchId] of strokes)
    addStroke(canvas, { id, sketchId, ink: buildInk('ann') }, null);
  return canvas;
}

function idsOf(canvas: CanvasDoc): string[] {
  return readStrokes(canvas).map(({ id }) => id);
}

describe('adding a stroke', () => {
  test('makes its sketch, in one update', () => {
    const canvas = openCanvasDoc(new Y.Doc());
    let updates = 0;
    canvas.doc.on('update', () => (updates += 1));
    addStroke(canvas, { id: 'a', sketchId: 's', ink: buildInk('ann') }, null);
    expect(updates).toBe(1);
    expect(readSketch(canvas, 's')).toMatchObject({ authorId: 'ann', state: 'open' });
  });

  test('to a sketch that is there leaves the sketch alone', () => {
    const canvas = canvasWith(['a', 's']);
    updateSketch(canvas, { sketchId: 's', to: { state: 'confirmed', categoryId: 'cat' } }, null);
    addStroke(canvas, { id: 'b', sketchId: 's', ink: buildInk('ben') }, null);
    expect(readSketch(canvas, 's')).toMatchObject({ authorId: 'ann', state: 'confirmed' });
  });
});

describe('reading', () => {
  test('goes by the time at which strokes began', () => {
    const canvas = canvasWith(['late', 's']);
    const early = { ...buildInk('ann'), startedAt: 5 };
    addStroke(canvas, { id: 'early', sketchId: 's', ink: early }, null);
    expect(idsOf(canvas)).toEqual(['early', 'late']);
  });

  test('passes over what does not decode', () => {
    const canvas = canvasWith(['a', 's']);
    canvas.ink.set('junk', new Uint8Array([9, 9]));
    canvas.ink.set('words', 'a line');
    canvas.sketchOf.set('junk', 's');
    canvas.sketchOf.set('words', 's');
    canvas.sketches.set('t', { state: 'odd' });
    expect(idsOf(canvas)).toEqual(['a']);
    expect(readSketch(canvas, 't')).toBeNull();
  });

  test('gives the columns that the rasterizer takes', () => {
    const { points } = buildInk('ann');
    expect(columnsOf(readStrokes(canvasWith(['a', 's'])))).toEqual([
      [points.xs, points.ys, points.ts],
    ]);
  });
});

describe('erasing', () => {
  test('hides a stroke and deletes nothing', () => {
    const canvas = canvasWith(['a', 's'], ['b', 's']);
    cutStroke(canvas, { strokeId: 'a', eraseId: 'e' }, null);
    expect(idsOf(canvas)).toEqual(['b']);
    expect(canvas.ink.has('a')).toBe(true);
  });

  test('undone by one person leaves what the other erased', () => {
    const canvas = canvasWith(['a', 's']);
    const [ann, ben] = [
      new Y.UndoManager(canvas.cuts, { trackedOrigins: new Set(['ann']) }),
      'ben',
    ];
    cutStroke(canvas, { strokeId: 'a', eraseId: 'e1' }, 'ann');
    cutStroke(canvas, { strokeId: 'a', eraseId: 'e2' }, ben);
    ann.undo();
    expect([...canvas.cuts.keys()]).toEqual(['a:e2']);
    expect(idsOf(canvas)).toEqual([]);
  });

  test.each([
    ['a:e', [[0, 1]], true],
    ['a:e', [[0, 0.5]], true],
    ['ae', [[0, 1]], false],
    [':e', [[0, 1]], false],
    [`a:${'e'.repeat(300)}`, [[0, 1]], false],
    ['a:e', 'all', false],
  ])('knows a cut: %s %j', (key, value, isCut) => {
    expect(isCutEntry(key, value)).toBe(isCut);
  });
});

describe('merging sketches', () => {
  test('takes the ink along, also what comes later', () => {
    const canvas = canvasWith(['a', 's'], ['b', 't']);
    expect(mergeSketch(canvas, { sketchId: 's', into: 't' }, null)).toBe(true);
    addStroke(canvas, { id: 'c', sketchId: 's', ink: buildInk('ben') }, null);
    expect(readStrokes(canvas).map(({ sketchId }) => sketchId)).toEqual(['t', 't', 't']);
  });

  test('with itself, also by a detour, does nothing', () => {
    const canvas = canvasWith(['a', 's'], ['b', 't']);
    mergeSketch(canvas, { sketchId: 's', into: 't' }, null);
    expect(mergeSketch(canvas, { sketchId: 't', into: 's' }, null)).toBe(false);
  });

  test('in a long chain is read once for all strokes', () => {
    const ids = Array.from({ length: 30 }, (_, i) => `s${i}`);
    const canvas = canvasWith(...ids.map((id): [string, string] => [`stroke of ${id}`, id]));
    for (const [i, id] of ids.entries())
      updateSketch(canvas, { sketchId: id, to: { mergedInto: ids[i + 1] ?? 'end' } }, null);
    const get = canvas.sketches.get.bind(canvas.sketches);
    const read: string[] = [];
    canvas.sketches.get = (key) => {
      read.push(key);
      return get(key);
    };
    expect(new Set(readStrokes(canvas).map(({ sketchId }) => sketchId))).toEqual(new Set(['end']));
    expect(read).toEqual([...ids, 'end']);
  });

  test('both ways at once ends at the smaller id', () => {
    const canvas = canvasWith(['a', 's'], ['b', 't']);
    updateSketch(canvas, { sketchId: 's', to: { mergedInto: 't' } }, null);
    updateSketch(canvas, { sketchId: 't', to: { mergedInto: 's' } }, null);
    expect([followMerges(canvas, 's'), followMerges(canvas, 't')]).toEqual(['s', 's']);
  });

  test('asks for each merge of a chain once, whoever is asked for', () => {
    const ids = Array.from({ length: 1_000 }, (_, i) => `s${i}`);
    const asked: string[] = [];
    const rootOf = rootFinder((id) => {
      asked.push(id);
      return id === 'end' ? undefined : (ids[ids.indexOf(id) + 1] ?? 'end');
    });
    expect(new Set(ids.map(rootOf))).toEqual(new Set(['end']));
    expect(asked).toEqual([...ids, 'end']);
  });

  test('finds the end of ten thousand, and the smallest of as many in a ring', () => {
    const next = (id: string): string => String(1 + (Number(id) % 10_000));
    expect(rootFinder((id) => (id === '10000' ? undefined : next(id)))('1')).toBe('10000');
    expect(rootFinder(next)('500')).toBe('1');
  });
});
