import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { HAND_DRAWN_CATEGORIES, HAND_DRAWN_PER_CATEGORY, handDrawn } from './hand-drawn.ts';

/** Columns x, y and, where they are known, milliseconds. */
export type SketchStrokes = number[][][];

/** Sketches by category, none of them known to the starter model. */
export interface SketchSource {
  readonly origin: 'Quick, Draw!' | "the project's own";
  readonly sketches: ReadonlyMap<string, readonly SketchStrokes[]>;
}

/** Real drawings where the folder SKETCH_DATA has them, else the project's own. */
export function sketchSource(folder = process.env['SKETCH_DATA']): SketchSource {
  if (folder) {
    const sketches = readDrawings(join(folder, 'ci-fixture.ndjson.gz'));
    return { origin: 'Quick, Draw!', sketches };
  }
  const sketches = new Map<string, SketchStrokes[]>(
    HAND_DRAWN_CATEGORIES.map((category) => [
      category,
      Array.from({ length: HAND_DRAWN_PER_CATEGORY }, (_, n) => handDrawn(category, n)),
    ]),
  );
  return { origin: "the project's own", sketches };
}

/** Gzipped ndjson, one drawing a line: `{ word, strokes }`, or `drawing` as Quick, Draw! has it. */
export function readDrawings(file: string): Map<string, SketchStrokes[]> {
  const drawings = new Map<string, SketchStrokes[]>();
  for (const line of gunzipSync(readFileSync(file)).toString('utf8').split('\n')) {
    if (!line) continue;
    const drawing = JSON.parse(line) as {
      word: string;
      strokes?: SketchStrokes;
      drawing?: SketchStrokes;
    };
    const ofWord = drawings.get(drawing.word) ?? [];
    ofWord.push(drawing.strokes ?? drawing.drawing ?? []);
    drawings.set(drawing.word, ofWord);
  }
  return drawings;
}
