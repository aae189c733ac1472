import type { Migration } from './migration.ts';
import { peopleAndProjects } from './202611231210-people-and-projects.ts';
import { canvases } from './202611231211-canvases.ts';
import { dataset } from './202611231212-dataset.ts';
import { training } from './202611231213-training.ts';
import { feedback } from './202611231214-feedback.ts';
import { learningEngine } from './202611241200-learning-engine.ts';
import { trainingRequests } from './202611241300-training-requests.ts';
import { canvasHistory } from './202611242000-canvas-history.ts';
import { accessNews } from './202611242010-access-news.ts';
import { dealtSplits } from './202611300530-dealt-splits.ts';
import { smoothedStrokes } from './202611301100-smoothed-strokes.ts';
import { waitingRebuilds } from './202611301130-waiting-rebuilds.ts';

/** Every migration in order. An explicit list, so that it is still there in the bundled server. */
export const migrations: readonly Migration[] = [
  peopleAndProjects,
  canvases,
  dataset,
  training,
  feedback,
  learningEngine,
  trainingRequests,
  canvasHistory,
  accessNews,
  dealtSplits,
  smoothedStrokes,
  waitingRebuilds,
];
