import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Prediction } from '../../shared/prediction.ts';
import type { StrokeColumns } from '../../shared/stroke.ts';
import { handDrawn } from '../../test/support/hand-drawn.ts';
import { openLearningLab, type LearningLab } from '../../test/support/learning-lab.ts';
import { PROJECT_ROOT } from '../../test/support/project-root.ts';
import { promoteVersion, storeBackbone, tunedBackbone } from '../../test/support/tuned-version.ts';
import type { ModelVersionRecord } from '../domain/learning-ports.ts';

const NAMES = ['kite', 'robot', 'anchor', 'ghost'];

let lab: LearningLab;
beforeAll(async () => {
  lab = await openLearningLab();
});
afterAll(() => lab.close());

/** A promoted version, on the starter's backbone or on one of its own. */
async function promote(kind: 'starter' | 'fine-tuned'): Promise<ModelVersionRecord> {
  const project = await lab.createProject(NAMES);
  const backbone = kind === 'starter' ? lab.starter : await tunedBackbone(lab.starter, 5);
  const backboneKey =
    kind === 'starter' ? null : (await storeBackbone(lab, project, backbone)).backboneKey;
  const { id } = await promoteVersion(lab, project, { backbone, backboneKey });
  const version = await lab.stores.modelVersions.find(id);
  if (!version) throw new Error('The version is gone.');
  return version;
}

/** A folder in which the README's example runs as it does in the checkout. */
async function exampleFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'model-file-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const name of ['shared', 'node_modules', 'package.json'])
    await symlink(path.join(PROJECT_ROOT, name), path.join(folder, name), 'junction');
  const readme = await readFile(path.join(PROJECT_ROOT, 'README.md'), 'utf8');
  const [, example] = /### Take a model along[^]*?```js\n([^]*?)```/.exec(readme) ?? [];
  if (!example) throw new Error('The README has no example.');
  await writeFile(path.join(folder, 'predict.mjs'), example);
  return folder;
}

/** What the README's example prints of a sketch. */
async function runExample(
  folder: string,
  strokes: readonly StrokeColumns[],
): Promise<{ readonly label: string; readonly confidences: ReadonlyMap<string, number> }> {
  await writeFile(path.join(folder, 'sketch.json'), JSON.stringify({ strokes }));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', 'predict.mjs', 'model.onnx', 'sketch.json'],
    { cwd: folder },
  );
  const [label = '', ...lines] = stdout.trim().split('\n');
  const confidences = lines.map((line): [string, number] => {
    const [confidence = '', name = ''] = line.split(' ');
    return [name, Number(confidence)];
  });
  return { label, confidences: new Map(confidences) };
}

describe("the README's example", () => {
  test.each(['starter', 'fine-tuned'] as const)(
    'gives what the server predicts with a version on a %s backbone',
    async (kind) => {
      const version = await promote(kind);
      const folder = await exampleFolder();
      await writeFile(path.join(folder, 'model.onnx'), await lab.predictor.exportOnnx(version));
      const sketches = [handDrawn('robot', 20), handDrawn('kite', 21)];
      const predictions = await lab.predictor.predict(version.projectId, sketches);
      for (const [i, strokes] of sketches.entries()) {
        const { label, confidences } = await runExample(folder, strokes);
        const expected = predictions[i] as Prediction;
        expect(expected.modelVersion).toBe(version.id);
        expect(label).toBe(expected.label ?? '?');
        expect([...confidences.keys()]).toEqual(version.categories.map(({ name }) => name));
        expect(expected.scores).toHaveLength(NAMES.length);
        for (const { name, confidence } of expected.scores)
          expect(Math.abs((confidences.get(name) ?? NaN) - confidence)).toBeLessThan(1e-5);
      }
    },
    60_000,
  );
});

describe('a model as a file', () => {
  test('tells its categories, how to draw its rasters, and whom to name', async () => {
    const version = await promote('fine-tuned');
    const model = fromBinary(ModelProtoSchema, await lab.predictor.exportOnnx(version));
    const metadata = new Map(model.metadataProps.map(({ key, value }) => [key, value]));
    expect(JSON.parse(metadata.get('categories') ?? '')).toEqual(version.categories);
    expect(metadata.get('modelVersion')).toBe(version.id);
    expect(metadata.get('input')).toMatch(/^raster: uint8 \[N, \d, 32, 32\]$/);
    expect(metadata.get('preprocessing')).toContain('32 x 32 bytes');
    expect(metadata.get('attribution')).toContain('Quick, Draw!');
    const operators = new Set(model.graph?.node.map(({ opType }) => opType));
    expect(operators.has('BatchNormalization')).toBe(false);
    expect(model.opsetImport.map(({ domain }) => domain)).toEqual(['']);
  });

  test('owes the starter model nothing when it was trained from scratch', async () => {
    const version = await promote('fine-tuned');
    const bytes = await lab.predictor.exportOnnx({ ...version, layers: 'scratch' });
    expect(new TextDecoder().decode(bytes)).not.toContain('Quick, Draw!');
  });

  test.each(['headKey', 'backboneKey'] as const)(
    'says what to do when its %s is gone',
    async (key) => {
      const version = await promote('fine-tuned');
      await lab.blobs.delete(version[key] ?? '');
      await expect(lab.predictor.exportOnnx(version)).rejects.toMatchObject({
        code: 'model.unavailable',
        message: expect.stringContaining('Train again') as unknown,
      });
    },
  );
});
