import type { ModelVersion } from '../../../shared/model-version.ts';
import type { TrainingProgress, TrainingRun } from '../../../shared/training-run.ts';
import { counted, layersName, share, spanWords } from './model-words.ts';

const DEVICES: Readonly<Record<string, string>> = {
  cpu: 'on the processor',
  cuda: 'on the NVIDIA card',
  webgpu: 'on the graphics card',
};

/** What is going on in a run, in a few words. */
export function phaseWords({ state, progress }: TrainingRun): string {
  if (state === 'queued') return 'Waiting for its turn';
  switch (progress.phase) {
    case 'waiting':
      return 'Starting';
    case 'loading':
      return 'Reading the examples';
    case 'training':
      return progress.epochs > 1 ? `Epoch ${progress.epoch} of ${progress.epochs}` : 'Learning';
    case 'evaluating':
      return 'Testing what it has learnt';
    case 'done':
      return 'Done';
  }
}

/** What is trained. */
export function runTitle(
  { layers, rebuildOf }: TrainingRun,
  versions: readonly ModelVersion[],
): string {
  if (rebuildOf === null) return `Learning: ${layersName(layers).toLowerCase()}`;
  const rebuilt = versions.find(({ id }) => id === rebuildOf);
  return rebuilt ? `Making model ${rebuilt.number} again` : 'Making a version again';
}

/** What comes of a model that is made again, where another one is live. */
export function rebuildWords(
  { rebuildOf }: Pick<TrainingRun, 'rebuildOf'>,
  versions: readonly ModelVersion[],
): string {
  const live = versions.find(({ isPromoted }) => isPromoted);
  const isOfAnother = rebuildOf !== null && live !== undefined && live.id !== rebuildOf;
  return isOfAnother ? 'It does not replace the model that is live.' : '';
}

/** Speed, device and time left. */
export function paceWords(progress: TrainingProgress): string {
  const { examplesPerSecond, device, millisecondsLeft, milliseconds } = progress;
  const speed =
    examplesPerSecond === null
      ? []
      : [
          `${Math.round(examplesPerSecond).toLocaleString('en')} examples/s ${DEVICES[device] ?? device}`,
        ];
  const left =
    millisecondsLeft === null
      ? `${spanWords(milliseconds)} so far`
      : `about ${spanWords(millisecondsLeft)} left`;
  return [...speed, left].join(' · ');
}

/** Loss and accuracy as they are now; empty before the first epoch. */
export function standingWords({ loss, accuracy }: TrainingProgress): string {
  const standing = loss === null ? [] : [`Loss ${loss.toFixed(2)}`];
  if (accuracy !== null) standing.push(`${share(accuracy)} of the held out sketches right`);
  return standing.join(' · ');
}

/** What could not be read, or nothing. */
export function leftOutWords({
  progress: { examplesLeftOut },
  rebuildOf,
}: Pick<TrainingRun, 'progress' | 'rebuildOf'>): string {
  if (examplesLeftOut === 0) return '';
  const isOne = examplesLeftOut === 1;
  const examples = counted(examplesLeftOut, 'example');
  return rebuildOf === null
    ? `${examples} could not be read and ${isOne ? 'is' : 'are'} left out.`
    : `${examples} of this model ${isOne ? 'was' : 'were'} deleted since or cannot be read, so it cannot be made again exactly.`;
}

/** How much of a run is done, 0 to 1, or null where that is not known yet. */
export function doneFraction({ state, progress }: TrainingRun): number | null {
  if (state === 'queued' || progress.phase === 'waiting' || progress.phase === 'loading')
    return null;
  if (progress.phase !== 'training') return 1;
  if (progress.steps > 0) return Math.min(1, progress.step / progress.steps);
  return progress.epochs > 0 ? Math.min(1, progress.epoch / progress.epochs) : null;
}

/** For screen readers: only what changes the state of things, never each epoch. */
export function spokenProgress(run: TrainingRun | null, last: TrainingRun | null): string {
  if (run) return run.state === 'queued' ? 'Training waits for its turn.' : spokenPhase(run);
  if (last?.state === 'failed') return `Training failed. ${last.reason ?? ''}`;
  return last?.state === 'cancelled' ? 'Training is cancelled.' : '';
}

function spokenPhase(run: TrainingRun): string {
  const fraction = doneFraction(run);
  if (run.progress.phase !== 'training' || fraction === null) return `${phaseWords(run)}.`;
  const quarters = Math.floor(fraction * 4);
  return quarters === 0 ? 'Learning.' : `Learning: ${quarters * 25} percent done.`;
}
