import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { addStroke, cutStroke, openCanvasDoc, updateSketch } from '../../shared/canvas-doc.ts';
import { buildInk } from '../../test/support/build-ink.ts';
import { InkIndex } from './ink-index.ts';

function openIndex() {
  const canvas = openCanvasDoc(new Y.Doc());
  return { canvas, index: new InkIndex(canvas) };
}

describe('what a document shows', () => {
  test('keeps a stroke the same object while others come', () => {
    const { canvas, index } = openIndex();
    addStroke(canvas, { id: 'a', sketchId: 's', ink: buildInk('ann') }, null);
    const [before] = index.strokes;
    addStroke(canvas, { id: 'b', sketchId: 's', ink: buildInk('ann') }, null);
    expect(index.strokes).toHaveLength(2);
    expect(index.strokes[0]).toBe(before);
  });

  test('leaves out what was erased, and a sketch with it', () => {
    const { canvas, index } = openIndex();
    addStroke(canvas, { id: 'a', sketchId: 's', ink: buildInk('ann') }, null);
    cutStroke(canvas, { strokeId: 'a', eraseId: 'e' }, null);
    expect(index.strokes).toEqual([]);
    expect(index.sketches.size).toBe(0);
  });

  test('ignores what does not decode', () => {
    const { canvas, index } = openIndex();
    canvas.ink.set('bad', new Uint8Array([9, 9, 9]));
    canvas.ink.set('worse', 'not even bytes');
    expect(index.strokes).toEqual([]);
  });

  test('shows merged sketches as one', () => {
    const { canvas, index } = openIndex();
    addStroke(canvas, { id: 'a', sketchId: 's1', ink: buildInk('ann') }, null);
    addStroke(canvas, { id: 'b', sketchId: 's2', ink: buildInk('ann', { x: 90, y: 0 }) }, null);
    updateSketch(canvas, { sketchId: 's2', to: { mergedInto: 's1' } }, null);
    expect([...index.sketches.keys()]).toEqual(['s1']);
    expect(index.sketches.get('s1')?.box).toMatchObject({ left: 0, right: 110 });
  });

  test('tells of every change until it is closed', () => {
    const { canvas, index } = openIndex();
    let changes = 0;
    index.addEventListener('change', () => (changes += 1));
    addStroke(canvas, { id: 'a', sketchId: 's', ink: buildInk('ann') }, null);
    index.close();
    addStroke(canvas, { id: 'b', sketchId: 's', ink: buildInk('ann') }, null);
    expect(changes).toBe(1);
  });
});
