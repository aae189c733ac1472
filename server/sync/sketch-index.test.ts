import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import type { CanvasDoc } from '../../shared/canvas-doc.ts';
import {
  addStroke,
  columnsOf,
  cutStroke,
  mergeSketch,
  openCanvasDoc,
  readStrokes,
  updateSketch,
} from '../../shared/canvas-doc.ts';
import { buildInk } from '../../test/support/build-ink.ts';
import { SketchIndex } from './sketch-index.ts';

function draw(canvas: CanvasDoc, id: string, sketchId: string): void {
  const ink = buildInk('ann', { x: id.length, y: id.charCodeAt(0) });
  addStroke(canvas, { id, sketchId, ink }, null);
}

function open(): { canvas: CanvasDoc; index: SketchIndex } {
  const canvas = openCanvasDoc(new Y.Doc());
  return { canvas, index: new SketchIndex(canvas) };
}

describe('the sketches that have changed', () => {
  test('are those of a new stroke', () => {
    const { canvas, index } = open();
    draw(canvas, 'a', 's');
    expect([...index.takeChanged()]).toEqual(['s']);
    expect([...index.takeChanged()]).toEqual([]);
  });

  test('are those of a stroke that is hidden or shown again', () => {
    const { canvas, index } = open();
    draw(canvas, 'a', 's');
    const { strokes } = index.finishedInk('s');
    index.takeChanged();
    cutStroke(canvas, { strokeId: 'a', eraseId: 'e' }, null);
    expect([...index.takeChanged()]).toEqual(['s']);
    expect(index.finishedInk('s').strokes).toEqual([]);
    canvas.cuts.delete('a:e');
    expect([...index.takeChanged()]).toEqual(['s']);
    expect(index.finishedInk('s').strokes).toEqual(strokes);
  });

  test('are both when a stroke moves from one to the other', () => {
    const { canvas, index } = open();
    draw(canvas, 'a', 's');
    index.takeChanged();
    canvas.sketchOf.set('a', 't');
    expect([...index.takeChanged()].sort()).toEqual(['s', 't']);
  });

  test('are both when one becomes part of the other', () => {
    const { canvas, index } = open();
    draw(canvas, 'a', 's');
    draw(canvas, 'b', 't');
    index.takeChanged();
    mergeSketch(canvas, { sketchId: 's', into: 't' }, null);
    expect([...index.takeChanged()].sort()).toEqual(['s', 't']);
    expect(index.finishedInk('s').strokes).toEqual([]);
    expect(index.finishedInk('t').strokes).toHaveLength(2);
  });

  test('are none when somebody only says what it shows', () => {
    const { canvas, index } = open();
    draw(canvas, 'a', 's');
    index.takeChanged();
    updateSketch(canvas, { sketchId: 's', to: { state: 'confirmed', categoryId: 'cat' } }, null);
    expect([...index.takeChanged()]).toEqual([]);
  });
});

/** A chain: each sketch is merged into the next one, the last into one that is not there. */
function mergeInChain(canvas: CanvasDoc, sketches: number): void {
  const value = { authorId: 'eve', createdAt: 1, state: 'open', categoryId: null };
  canvas.doc.transact(() => {
    for (let i = 0; i < sketches; i++)
      canvas.sketches.set(`s${i}`, { ...value, mergedInto: `s${i + 1}` });
  });
}

/** Counts how often an entry of `sketches` is read from now on. */
function countReads({ sketches }: CanvasDoc): () => number {
  const get = sketches.get.bind(sketches);
  let reads = 0;
  sketches.get = (key) => {
    reads += 1;
    return get(key);
  };
  return () => reads;
}

describe('a long chain of merges', () => {
  test('is read once as it comes', () => {
    const { canvas, index } = open();
    const reads = countReads(canvas);
    mergeInChain(canvas, 50);
    expect([...index.takeChanged()]).toHaveLength(51);
    expect(reads()).toBe(50);
  });

  test('is read once when the canvas is loaded', () => {
    const { canvas } = open();
    mergeInChain(canvas, 50);
    const reads = countReads(canvas);
    expect(new SketchIndex(canvas).rootOf('s0')).toBe('s50');
    expect(reads()).toBe(50);
  });

  test('may be as long as one message holds', () => {
    const { canvas, index } = open();
    draw(canvas, 'a', 's0');
    mergeInChain(canvas, 10_000);
    for (const one of [index, new SketchIndex(canvas)]) {
      expect(one.sketchIds).toEqual(['s10000']);
      expect(one.finishedInk('s10000').strokes).toHaveLength(1);
    }
  });

  test('tells of nothing but the two sketches that a merge has changed', () => {
    const { canvas, index } = open();
    draw(canvas, 'a', 's0');
    mergeInChain(canvas, 10);
    index.takeChanged();
    canvas.sketches.delete('s4');
    expect([...index.takeChanged()].sort()).toEqual(['s10', 's4']);
    expect(index.finishedInk('s4').strokes).toHaveLength(1);
  });
});

interface Action {
  readonly kind: keyof typeof ACTIONS;
  readonly stroke: string;
  readonly sketch: string;
  readonly other: string;
}

/** What can happen to a document, well-formed or not. */
const ACTIONS = {
  draw: (canvas: CanvasDoc, { stroke, sketch }: Action) => draw(canvas, stroke, sketch),
  cut: (canvas: CanvasDoc, { stroke }: Action) =>
    cutStroke(canvas, { strokeId: stroke, eraseId: 'x' }, null),
  uncut: (canvas: CanvasDoc, { stroke }: Action) => canvas.cuts.delete(`${stroke}:x`),
  move: (canvas: CanvasDoc, { stroke, sketch }: Action) => canvas.sketchOf.set(stroke, sketch),
  merge: (canvas: CanvasDoc, { sketch, other }: Action) =>
    updateSketch(canvas, { sketchId: sketch, to: { mergedInto: other } }, null),
  unmerge: (canvas: CanvasDoc, { sketch }: Action) => canvas.sketches.delete(sketch),
  remove: (canvas: CanvasDoc, { stroke }: Action) => canvas.ink.delete(stroke),
  junk: (canvas: CanvasDoc, { stroke }: Action) => canvas.ink.set(stroke, new Uint8Array([1, 2])),
};

const action: fc.Arbitrary<Action> = fc.record({
  kind: fc.constantFrom(...(Object.keys(ACTIONS) as (keyof typeof ACTIONS)[])),
  stroke: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  sketch: fc.constantFrom('s', 't', 'u'),
  other: fc.constantFrom('s', 't', 'u'),
});

/** What comes together in one message. */
const message = fc.array(action, { minLength: 1, maxLength: 4 });

test('the index says the same as reading the whole document, whatever happened', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 15 }), (messages) => {
      const { canvas, index } = open();
      for (const actions of messages) {
        canvas.doc.transact(() => actions.forEach((one) => ACTIONS[one.kind](canvas, one)));
        // Asked in between, so that what it remembers must be given up in time.
        for (const id of ['s', 't', 'u']) index.finishedInk(id);
      }
      const fresh = new SketchIndex(canvas);
      for (const id of ['s', 't', 'u']) {
        const read = columnsOf(readStrokes(canvas).filter(({ sketchId }) => sketchId === id));
        expect(index.finishedInk(id).strokes).toEqual(read);
        expect(fresh.finishedInk(id).strokes).toEqual(read);
      }
    }),
    { numRuns: 300 },
  );
});
