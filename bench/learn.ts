import os from 'node:os';
import { join } from 'node:path';
import { loadStarterModel } from '../server/inference/starter-model.ts';
import { PROJECT_ROOT } from '../test/support/project-root.ts';
import { sketchSource } from '../test/support/sketch-source.ts';
import { measureCorrections } from './corrections.ts';
import { allMethods, measureFewShots, type FewShotFigure } from './few-shot.ts';
import { measureFineTuning } from './fine-tuned.ts';
import { measureHeadTraining } from './head-training.ts';
import { measureTrainingStep } from './training-step.ts';

/**
 * `npm run bench -- learn`: how fast and how well a project learns. Parts can be named:
 * `npm run bench -- learn few-shot corrections`.
 */
const PARTS = ['training-step', 'head', 'fine-tuning', 'few-shot', 'corrections'] as const;

type Part = (typeof PARTS)[number];

async function measure(part: Part): Promise<unknown> {
  const starter = await loadStarterModel(join(PROJECT_ROOT, 'models/starter'));
  switch (part) {
    case 'training-step':
      return measureTrainingStep(starter.network);
    case 'head':
      return measureHeadTraining(starter);
    case 'fine-tuning':
      return measureFineTuning(starter);
    case 'few-shot':
      return show(await measureFewShots(starter, sketchSource(), allMethods(starter, 20)));
    case 'corrections':
      return measureCorrections();
  }
}

/** A row for each method, a column for each number of shots. */
function show(figures: readonly FewShotFigure[]): readonly FewShotFigure[] {
  const rows: Record<string, Record<string, string>> = {};
  for (const { method, shots, mean, deviation } of figures)
    rows[method] = { ...rows[method], [`${shots} shots`]: `${mean} ± ${deviation}` };
  console.table(rows);
  return figures;
}

async function main(): Promise<void> {
  const asked = process.argv.slice(2);
  const results: Record<string, unknown> = {};
  for (const part of PARTS) {
    if (asked.length > 0 && !asked.includes(part)) continue;
    results[part] = await measure(part);
    console.log(part, results[part]);
  }
  const machine = { cores: os.availableParallelism(), sketches: sketchSource().origin };
  console.log(JSON.stringify({ bench: 'learn', ...machine, ...results }));
}

await main();
