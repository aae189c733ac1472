import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import type { CanvasDoc } from './canvas-doc.ts';
import {
  addStroke,
  cutStroke,
  mergeSketch,
  openCanvasDoc,
  readStrokes,
  updateSketch,
} from './canvas-doc.ts';
import {
  changeEntries,
  copyShown,
  countShownStrokes,
  entriesOf,
  makeEqual,
} from './canvas-entries.ts';

function open(): CanvasDoc {
  return openCanvasDoc(new Y.Doc());
}

function draw(canvas: CanvasDoc, id: string, sketchId = `of ${id}`): void {
  const points = { xs: [0, 9], ys: [0, 9], ts: [0, 16], pressures: [1, 1] };
  const style = { tool: 'pen', color: '#000000', width: 4 } as const;
  const ink = { authorId: 'ann', startedAt: 1, style, points };
  addStroke(canvas, { id, sketchId, ink }, null);
}

function countUpdates(canvas: CanvasDoc): { updates: number } {
  const counted = { updates: 0 };
  canvas.doc.on('update', () => (counted.updates += 1));
  return counted;
}

/** Whatever people may do to a canvas. */
const EDITS = fc.array(
  fc.record({
    what: fc.constantFrom('draw', 'erase', 'cut', 'confirm', 'merge', 'undo'),
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    other: fc.constantFrom('a', 'b', 'c'),
  }),
  { maxLength: 30 },
);
type Edits = typeof EDITS extends fc.Arbitrary<infer T> ? T : never;

function edit(canvas: CanvasDoc, edits: Edits): void {
  for (const { what, id, other } of edits) {
    if (what === 'draw') draw(canvas, id);
    if (what === 'erase') cutStroke(canvas, { strokeId: id, eraseId: other }, null);
    if (what === 'cut') canvas.cuts.set(`${id}:${other}`, [[0, 0.5]]);
    if (what === 'undo') canvas.cuts.delete(`${id}:${other}`);
    const to = { state: 'confirmed', categoryId: other } as const;
    if (what === 'confirm') updateSketch(canvas, { sketchId: `of ${id}`, to }, null);
    if (what === 'merge') mergeSketch(canvas, { sketchId: `of ${id}`, into: `of ${other}` }, null);
  }
}

describe('a document that is made equal to another', () => {
  test('says the same, whatever it said, and is not changed by a second time', () => {
    fc.assert(
      fc.property(EDITS, EDITS, (one, two) => {
        const [canvas, other] = [open(), open()];
        edit(canvas, one);
        edit(other, two);
        makeEqual(canvas, entriesOf(other), null);
        expect(canvas.doc.toJSON()).toEqual(other.doc.toJSON());
        const counted = countUpdates(canvas);
        makeEqual(canvas, entriesOf(other), null);
        expect(counted.updates).toBe(0);
      }),
    );
  });

  test('is changed by one update, under the origin given', () => {
    const [canvas, other] = [open(), open()];
    draw(canvas, 'a');
    draw(other, 'b');
    cutStroke(other, { strokeId: 'b', eraseId: 'e' }, null);
    const origins: unknown[] = [];
    canvas.doc.on('update', (_: Uint8Array, origin: unknown) => origins.push(origin));
    makeEqual(canvas, entriesOf(other), 'me');
    expect(origins).toEqual(['me']);
  });

  test('keeps what has come beside what it said', () => {
    const [canvas, other] = [open(), open()];
    draw(canvas, 'a');
    const from = entriesOf(canvas);
    draw(canvas, 'late');
    draw(other, 'b');
    changeEntries(canvas, { from, to: entriesOf(other) }, null);
    expect(readStrokes(canvas).map(({ id }) => id)).toEqual(['b', 'late']);
  });
});

describe('a copy without a past', () => {
  test('shows the same', () => {
    fc.assert(
      fc.property(EDITS, (edits) => {
        const canvas = open();
        edit(canvas, edits);
        const copy = copyShown(canvas);
        expect(readStrokes(copy)).toEqual(readStrokes(canvas));
        expect(countShownStrokes(canvas)).toBe(readStrokes(canvas).length);
        expect(copy.ink.size).toBe(readStrokes(canvas).length);
        const partial = [...canvas.cuts].filter(([key]) => copy.ink.has(key.split(':')[0] ?? ''));
        expect(Object.fromEntries(copy.cuts)).toEqual(Object.fromEntries(partial));
        for (const [id, value] of copy.sketches) expect(value).toEqual(canvas.sketches.get(id));
      }),
    );
  });

  test('does not hang on sketches that were merged in a circle', () => {
    const canvas = open();
    draw(canvas, 'a');
    draw(canvas, 'b');
    updateSketch(canvas, { sketchId: 'of a', to: { mergedInto: 'of b' } }, null);
    updateSketch(canvas, { sketchId: 'of b', to: { mergedInto: 'of a' } }, null);
    const copy = copyShown(canvas);
    expect(readStrokes(copy)).toEqual(readStrokes(canvas));
    expect(copy.sketches.size).toBe(2);
  });
});
