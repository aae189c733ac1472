import type { ModelVersion } from '../../shared/model-version.ts';
import type { TrainingRun } from '../../shared/training-run.ts';

/** What the panel says of learning. */
export interface TrainingWords {
  readonly kind: 'idle' | 'learning' | 'failed';
  readonly text: string;
  /** How good the serving version is, with the number it rests on. */
  readonly detail: string;
}

/** Fewer say nothing: one sketch more or less would turn everything round. */
export const MIN_TEST_SKETCHES = 10;

/** Puts the newest run and the serving version into words; it is undefined until it has been read. */
export function trainingWords(
  run: TrainingRun | null,
  version: ModelVersion | null | undefined,
  isUntaught = false,
): TrainingWords {
  const detail = version ? qualityOf(version) : adviceFor(isUntaught);
  const idle: TrainingWords = { kind: 'idle', text: servingOf(version, isUntaught), detail };
  return run ? wordsOfRun(run, idle) : idle;
}

function wordsOfRun(run: TrainingRun, idle: TrainingWords): TrainingWords {
  const { detail } = idle;
  switch (run.state) {
    case 'queued':
      return { kind: 'learning', text: 'Learning starts …', detail };
    case 'running':
      return { kind: 'learning', text: `Learning … ${seconds(run.progress.milliseconds)}`, detail };
    case 'failed':
      return { kind: 'failed', text: 'Learning failed', detail: run.reason ?? 'Try once more.' };
    case 'succeeded':
    case 'cancelled':
      return idle;
  }
}

function servingOf(version: ModelVersion | null | undefined, isUntaught: boolean): string {
  if (version === undefined) return 'The model is live';
  if (version) return `Model ${version.number} is live`;
  return isUntaught ? 'Nothing learnt yet' : 'The starter model is live';
}

function adviceFor(isUntaught: boolean): string {
  return isUntaught
    ? 'Add a category, or draw and say what it is.'
    : 'Correct a guess, and it learns from you.';
}

function qualityOf({ metrics }: ModelVersion): string {
  const { accuracy, testExamples, trainingExamples, method } = metrics;
  const learnt = `${trainingExamples} ${trainingExamples === 1 ? 'example' : 'examples'}`;
  if (accuracy === null || testExamples < MIN_TEST_SKETCHES || method === 'none')
    return `Learnt from ${learnt}; too few test sketches to judge`;
  const right = Math.round(accuracy * testExamples);
  return `${right} of ${testExamples} test sketches right`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
