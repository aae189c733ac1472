/**
 * Quick Draw drawings from ndjson files, packed: hundreds of thousands of drawings as plain
 * objects would take gigabytes.
 */
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import type { StrokeColumns } from '../../../shared/stroke.ts';

/** Points of all drawings in two long arrays, with the places where strokes and drawings begin. */
export class Drawings {
  readonly #xs: Float32Array;
  readonly #ys: Float32Array;
  readonly #strokeStarts: Int32Array;
  readonly #drawingStarts: Int32Array;
  /** For each drawing the index of its category. */
  readonly categoryOf: Int32Array;

  constructor(drawings: readonly DrawingOf[]) {
    const strokes = drawings.flatMap((drawing) => drawing.strokes);
    this.#strokeStarts = startsOf(strokes.map(([xs]) => xs.length));
    this.#drawingStarts = startsOf(drawings.map((drawing) => drawing.strokes.length));
    this.#xs = new Float32Array(this.#strokeStarts.at(-1) ?? 0);
    this.#ys = new Float32Array(this.#xs.length);
    strokes.forEach(([xs, ys], i) => {
      this.#xs.set(xs, this.#strokeStarts[i]);
      this.#ys.set(ys, this.#strokeStarts[i]);
    });
    this.categoryOf = Int32Array.from(drawings, (drawing) => drawing.category);
  }

  get count(): number {
    return this.categoryOf.length;
  }

  /** The strokes of one drawing, as views on the packed points. */
  strokesOf(index: number): StrokeColumns[] {
    const strokes: StrokeColumns[] = [];
    const end = this.#drawingStarts[index + 1] ?? 0;
    for (let i = this.#drawingStarts[index] ?? 0; i < end; i++) {
      const [from, to] = [this.#strokeStarts[i], this.#strokeStarts[i + 1]];
      strokes.push([this.#xs.subarray(from, to), this.#ys.subarray(from, to)]);
    }
    return strokes;
  }
}

function startsOf(sizes: readonly number[]): Int32Array {
  const starts = new Int32Array(sizes.length + 1);
  sizes.forEach((size, i) => (starts[i + 1] = (starts[i] ?? 0) + size));
  return starts;
}

export interface DrawingOf {
  readonly category: number;
  readonly strokes: readonly StrokeColumns[];
}

export interface DrawingFolder {
  /** Category names in alphabetical order. */
  readonly names: readonly string[];
  readonly training: Drawings;
  readonly validation: Drawings;
}

/** Without validation files every so manieth drawing of a category validates. */
const VALIDATION_EVERY = 20;

interface Line {
  readonly word: string;
  readonly strokes: readonly StrokeColumns[];
}

/**
 * Reads the `.ndjson` and `.ndjson.gz` files of a folder whose names begin with `prefix`. Those
 * named `...-val` validate, those named `fixture` are left for tests, the rest trains.
 */
export async function readDrawings(
  folder: string,
  { prefix, perCategory }: { readonly prefix: string; readonly perCategory: number },
): Promise<DrawingFolder> {
  const files = (await readdir(folder)).filter(
    (file) => file.startsWith(prefix) && /\.ndjson(\.gz)?$/.test(file) && !file.includes('fixture'),
  );
  const [training, validation]: [Line[], Line[]] = [[], []];
  for (const file of files.sort()) {
    const lines = file.includes('-val.') ? validation : training;
    for (const line of await readLines(path.join(folder, file), perCategory)) lines.push(line);
  }
  if (training.length === 0) throw new Error(`There are no drawings to train on in ${folder}.`);
  if (validation.length === 0) splitOff(training, validation);
  const names = [...new Set(training.map(({ word }) => word))].sort();
  const indexOf = new Map(names.map((name, i) => [name, i]));
  const pack = (lines: readonly Line[]): Drawings =>
    new Drawings(
      lines.flatMap(({ word, strokes }) => {
        const category = indexOf.get(word);
        return category === undefined ? [] : [{ category, strokes }];
      }),
    );
  return { names, training: pack(training), validation: pack(validation) };
}

/** Moves every twentieth line of the first list to the second. */
function splitOff(training: Line[], validation: Line[]): void {
  const all = training.splice(0);
  all.forEach((line, i) => (i % VALIDATION_EVERY === 0 ? validation : training).push(line));
}

async function readLines(file: string, perCategory: number): Promise<Line[]> {
  const stream = createReadStream(file);
  const input = file.endsWith('.gz') ? stream.pipe(createGunzip()) : stream;
  const counts = new Map<string, number>();
  const lines: Line[] = [];
  for await (const text of createInterface({ input })) {
    const line = parseLine(text, file);
    const count = counts.get(line?.word ?? '') ?? 0;
    if (!line || count >= perCategory) continue;
    counts.set(line.word, count + 1);
    lines.push(line);
  }
  return lines;
}

const Column = z.array(z.number());
const QuickDrawLine = z.object({
  word: z.string(),
  strokes: z.array(z.array(Column)).optional(),
  drawing: z.array(z.array(Column)).optional(),
});

/** Our own files call the strokes `strokes`, Quick Draw's `drawing`; times are not used. */
function parseLine(text: string, file: string): Line | null {
  if (text === '') return null;
  const parsed = QuickDrawLine.safeParse(JSON.parse(text));
  if (!parsed.success)
    throw new Error(`${file} has a line that is no drawing: ${text.slice(0, 80)}`);
  const { word, strokes, drawing } = parsed.data;
  const columns = (strokes ?? drawing ?? []).flatMap(([xs, ys]): StrokeColumns[] =>
    xs && ys && xs.length > 0 && xs.length === ys.length
      ? [[Float32Array.from(xs), Float32Array.from(ys)]]
      : [],
  );
  return columns.length > 0 ? { word, strokes: columns } : null;
}
