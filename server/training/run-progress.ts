import {
  INITIAL_PROGRESS,
  MAX_CURVE_POINTS,
  type CurvePoint,
  type TrainingProgress,
} from '../../shared/training-run.ts';

/** What a run tells of itself: each change is put on top of what was told before. */
export interface RunProgress {
  tell(change: Partial<Omit<TrainingProgress, 'milliseconds'>>): void;
  /** As told last. */
  now(): TrainingProgress;
}

/** `earlierMs` were spent on the run before this trainer took it up. */
export function startProgress(
  onProgress: (progress: TrainingProgress) => void,
  earlierMs = 0,
): RunProgress {
  const startedAt = performance.now() - earlierMs;
  let progress: TrainingProgress = { ...INITIAL_PROGRESS, phase: 'loading' };
  return {
    tell: (change) => {
      const milliseconds = Math.round(performance.now() - startedAt);
      progress = { ...progress, ...change, milliseconds };
      onProgress(progress);
    },
    now: () => progress,
  };
}

/** At most `MAX_CURVE_POINTS` of them, evenly spread, the last always among them. */
export function thinCurve(curve: readonly CurvePoint[]): CurvePoint[] {
  if (curve.length <= MAX_CURVE_POINTS) return [...curve];
  const stride = (curve.length - 1) / (MAX_CURVE_POINTS - 1);
  return Array.from({ length: MAX_CURVE_POINTS }, (_, i) => curve[Math.round(i * stride)]).filter(
    (point) => point !== undefined,
  );
}
