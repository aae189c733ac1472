import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { addStroke, openCanvasDoc, readStrokes } from '../../shared/canvas-doc.ts';
import type { LiveFrame } from '../../shared/sync-protocol.ts';
import { buildInk } from '../../test/support/build-ink.ts';
import { eventually } from '../../test/support/eventually.ts';
import { InkEditor } from './ink-editor.ts';
import { InkIndex } from './ink-index.ts';

const STYLE = { tool: 'pen', color: '#26221d', width: 6 } as const;

function openEditor(reachable = true, mayDraw = () => true) {
  const canvas = openCanvasDoc(new Y.Doc());
  const index = new InkIndex(canvas);
  const frames: LiveFrame[] = [];
  const sendLive = (frame: LiveFrame): boolean => {
    if (reachable) frames.push(frame);
    return reachable;
  };
  const editor = new InkEditor({
    ...{ canvas, index, sendLive, mayDraw },
    mode: 'free',
    authorId: 'ann',
  });
  return { canvas, index, editor, frames };
}

let clock = 1_700_000_000_000;

/** Draws a stroke of 10 points along a line. */
function stroke(
  editor: InkEditor,
  from: readonly [number, number],
  to: readonly [number, number],
): void {
  const at = (share: number) => ({
    x: from[0] + (to[0] - from[0]) * share,
    y: from[1] + (to[1] - from[1]) * share,
    pressure: null,
    at: (clock += 10),
  });
  editor.begin(at(0), STYLE);
  for (let i = 1; i < 10; i++) editor.extend([at(i / 9)]);
  editor.finish();
}

describe('drawing', () => {
  test('puts a finished stroke into the document, under its author', () => {
    const { canvas, editor } = openEditor();
    stroke(editor, [0, 0], [100, 50]);
    const [drawn] = readStrokes(canvas);
    expect(drawn?.ink.authorId).toBe('ann');
    expect(drawn?.ink.points.xs).toHaveLength(10);
  });

  test('keeps nearby strokes in one sketch, and a far one apart', () => {
    const { editor, index } = openEditor();
    stroke(editor, [0, 0], [100, 50]);
    stroke(editor, [20, 10], [60, 90]);
    stroke(editor, [2_000, 0], [2_100, 50]);
    expect([...index.sketches.values()].map((sketch) => sketch.strokes.length)).toEqual([2, 1]);
  });

  test('begins a new sketch when asked to, for one stroke', () => {
    const { editor, index } = openEditor();
    stroke(editor, [0, 0], [100, 50]);
    editor.startNewSketch();
    expect(editor.startsNewSketch).toBe(true);
    stroke(editor, [20, 10], [60, 90]);
    expect(editor.startsNewSketch).toBe(false);
    expect(index.sketches.size).toBe(2);
  });

  test('joins two own sketches by a stroke across both, in one step to undo', () => {
    const { editor, index } = openEditor();
    stroke(editor, [0, 0], [100, 100]);
    editor.startNewSketch();
    stroke(editor, [160, 0], [260, 100]);
    stroke(editor, [50, 50], [210, 50]);
    expect(index.sketches.size).toBe(1);
    editor.undo();
    expect(index.sketches.size).toBe(2);
  });

  test('tells the others the ink while it is drawn', async () => {
    const { editor, frames } = openEditor();
    editor.begin({ x: 0, y: 0, pressure: null, at: (clock += 10) }, STYLE);
    editor.extend([{ x: 5, y: 5, pressure: null, at: (clock += 10) }]);
    await eventually(() => expect(frames.flatMap((frame) => [...frame.points.xs])).toEqual([0, 5]));
    editor.extend([{ x: 9, y: 9, pressure: null, at: (clock += 10) }]);
    await eventually(() => expect(frames.at(-1)).toMatchObject({ sequence: 2 }));
    editor.finish();
  });

  test('takes back what a cancelled pointer has drawn', () => {
    const { canvas, editor, frames } = openEditor();
    editor.begin({ x: 0, y: 0, pressure: null, at: (clock += 10) }, STYLE);
    editor.cancel();
    expect(readStrokes(canvas)).toEqual([]);
    expect(frames.at(-1)?.isCancelled).toBe(true);
  });

  test('takes back all pieces of a cancelled stroke, and nothing from before', () => {
    const { canvas, editor } = openEditor();
    stroke(editor, [0, 0], [100, 50]);
    editor.begin({ x: 0, y: 0, pressure: null, at: (clock += 10) }, STYLE);
    for (let i = 1; i < 1_200; i++)
      editor.extend([{ x: i, y: i % 7, pressure: null, at: (clock += 1) }]);
    expect(readStrokes(canvas)).toHaveLength(3);
    editor.cancel();
    expect(readStrokes(canvas)).toHaveLength(1);
    expect(editor.canRedo).toBe(false);
    editor.cancel();
    expect(readStrokes(canvas)).toHaveLength(1);
  });

  test('leaves the pieces that are saved already to somebody who may not draw any more', () => {
    let mayDraw = true;
    const { canvas, editor } = openEditor(true, () => mayDraw);
    editor.begin({ x: 0, y: 0, pressure: null, at: (clock += 10) }, STYLE);
    for (let i = 1; i < 700; i++)
      editor.extend([{ x: i, y: i % 7, pressure: null, at: (clock += 1) }]);
    mayDraw = false;
    editor.followRole();
    expect(editor.current).toBeNull();
    expect(readStrokes(canvas)).toHaveLength(1);
  });

  test('goes on without a connection', () => {
    const { canvas, editor } = openEditor(false);
    stroke(editor, [0, 0], [100, 50]);
    expect(readStrokes(canvas)).toHaveLength(1);
  });

  test('cuts a long stroke into pieces that are one step to undo', () => {
    const { canvas, editor } = openEditor();
    editor.begin({ x: 0, y: 0, pressure: null, at: (clock += 10) }, STYLE);
    for (let i = 1; i < 1_200; i++)
      editor.extend([{ x: i, y: i % 7, pressure: null, at: (clock += 1) }]);
    editor.finish();
    const pieces = readStrokes(canvas);
    expect(pieces.map((piece) => piece.id.split('/')[1])).toEqual(['0', '1', '2']);
    expect(pieces[1]?.ink.points.xs[0]).toBe(pieces[0]?.ink.points.xs.at(-1));
    editor.undo();
    expect(readStrokes(canvas)).toEqual([]);
  });
});

describe('undo', () => {
  test('takes back one stroke at a time and brings it again', () => {
    const { canvas, editor } = openEditor();
    stroke(editor, [0, 0], [100, 50]);
    stroke(editor, [20, 10], [60, 90]);
    editor.undo();
    expect(readStrokes(canvas)).toHaveLength(1);
    editor.redo();
    expect(readStrokes(canvas)).toHaveLength(2);
  });

  test('leaves what others have drawn on a sketch in it', () => {
    const { canvas, editor, index } = openEditor();
    stroke(editor, [0, 0], [100, 50]);
    const sketchId = readStrokes(canvas)[0]?.sketchId ?? '';
    addStroke(canvas, { id: 'bobs', sketchId, ink: buildInk('bob') }, 'the network');
    editor.undo();
    expect(index.sketches.get(sketchId)?.strokes.map(({ id }) => id)).toEqual(['bobs']);
    editor.redo();
    expect(index.sketches.get(sketchId)?.strokes).toHaveLength(2);
  });

  test('never touches the ink of others', () => {
    const { canvas, editor } = openEditor();
    stroke(editor, [0, 0], [100, 50]);
    addStroke(canvas, { id: 'bobs', sketchId: 's2', ink: buildInk('bob') }, 'the network');
    editor.undo();
    editor.undo();
    expect(readStrokes(canvas).map(({ id }) => id)).toEqual(['bobs']);
  });

  test('brings back all that one sweep of the eraser took', () => {
    const { canvas, editor } = openEditor();
    stroke(editor, [0, 0], [100, 50]);
    stroke(editor, [20, 10], [60, 90]);
    const ids = readStrokes(canvas).map(({ id }) => id);
    editor.beginErasing();
    for (const id of ids) editor.erase([id]);
    expect(readStrokes(canvas)).toEqual([]);
    editor.undo();
    expect(readStrokes(canvas)).toHaveLength(2);
  });
});

describe('a sweep of the eraser that was not meant', () => {
  test('gives everything back, once', () => {
    const { canvas, editor } = openEditor();
    stroke(editor, [0, 0], [100, 50]);
    const [first] = readStrokes(canvas);
    editor.beginErasing();
    editor.erase([first?.id ?? '']);
    expect(readStrokes(canvas)).toEqual([]);
    editor.cancel();
    expect(readStrokes(canvas)).toHaveLength(1);
    expect(editor.canRedo).toBe(false);
    editor.cancel();
    expect(readStrokes(canvas)).toHaveLength(1);
  });

  test('that took nothing leaves what can be undone and done again', () => {
    const { canvas, editor } = openEditor();
    stroke(editor, [0, 0], [100, 50]);
    stroke(editor, [20, 10], [60, 90]);
    editor.undo();
    editor.beginErasing();
    editor.cancel();
    expect(readStrokes(canvas)).toHaveLength(1);
    editor.redo();
    expect(readStrokes(canvas)).toHaveLength(2);
  });
});

describe('somebody who may only look', () => {
  test('changes nothing', () => {
    const { canvas, editor } = openEditor(true, () => false);
    stroke(editor, [0, 0], [100, 50]);
    addStroke(canvas, { id: 'other', sketchId: 's', ink: buildInk('bob') }, 'other');
    editor.beginErasing();
    editor.erase(['other']);
    expect(readStrokes(canvas).map(({ id }) => id)).toEqual(['other']);
  });

  test('loses the stroke that he was drawing when it was taken from him, and undo until it is back', () => {
    let mayDraw = true;
    const { canvas, editor } = openEditor(true, () => mayDraw);
    stroke(editor, [0, 0], [100, 50]);
    editor.begin({ x: 0, y: 0, pressure: null, at: clock }, STYLE);
    mayDraw = false;
    editor.followRole();
    expect(editor.current).toBeNull();
    editor.undo();
    expect(editor.canUndo).toBe(false);
    expect(readStrokes(canvas)).toHaveLength(1);
    mayDraw = true;
    editor.undo();
    expect(readStrokes(canvas)).toEqual([]);
  });
});
