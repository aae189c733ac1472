import { Tensor } from 'onnxruntime-node';
import { Backbone } from '../server/inference/backbone.ts';
import { createSession } from '../server/inference/session.ts';
import type { StarterModel } from '../server/inference/starter-model.ts';
import { classMeansHead, scoresOf } from '../server/ml/head.ts';
import { decideLabel } from '../server/ml/unknown.ts';
import { seededRandom } from '../shared/random.ts';
import { round, summarise } from './percentiles.ts';

/** Rasters to labels, and what the runtime alone takes for the same rasters, in one run. */
export interface ServingFigures {
  readonly batch: number;
  /** Microseconds a sketch, median. */
  readonly microseconds: number;
  readonly sessionRunMicroseconds: number;
  readonly sketchesPerSecond: number;
  /** Of the speed of `session.run`. */
  readonly share: number;
}

const ROUNDS = 400;
const CATEGORIES = 20;

/** Times embedding, scores and label of ready rasters, alone and 32 at once. */
export async function measureServing(starter: StarterModel): Promise<ServingFigures[]> {
  return [await measureBatch(starter, 1), await measureBatch(starter, 32)];
}

async function measureBatch(starter: StarterModel, batch: number): Promise<ServingFigures> {
  const { planes, pixels } = starter.network;
  const backbone = await Backbone.open(starter);
  const session = await createSession(starter.servingGraph);
  const means = [...starter.preTaught.values()].slice(0, CATEGORIES).map(({ mean }) => mean);
  const head = classMeansHead(means, starter.calibration.meansTemperature);
  const bytes = planes * pixels * pixels;
  const random = seededRandom(1);
  const rasters = Array.from({ length: batch }, () =>
    Uint8Array.from({ length: bytes }, () => (random() < 0.2 ? 255 : 0)),
  );
  const joined = new Uint8Array(batch * bytes);
  rasters.forEach((raster, i) => joined.set(raster, i * bytes));
  const serve = async (): Promise<void> => {
    for (const embedding of await backbone.embed(rasters, (raster) => raster))
      decideLabel(head, embedding, scoresOf(head, embedding));
  };
  const run = async (): Promise<void> => {
    await session.run({ raster: new Tensor('uint8', joined, [batch, planes, pixels, pixels]) });
  };
  const [ours, raw] = await timeInTurn(serve, run);
  await backbone.close();
  await session.release();
  return {
    batch,
    microseconds: round(ours / batch),
    sessionRunMicroseconds: round(raw / batch),
    sketchesPerSecond: Math.round((batch * 1_000_000) / ours),
    share: round(raw / ours),
  };
}

/** Median microseconds of both, measured in turn, so that what else goes on hits them alike. */
async function timeInTurn(
  one: () => Promise<void>,
  other: () => Promise<void>,
): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, task] of [one, other].entries()) {
      const begin = performance.now();
      await task();
      times[i]?.push((performance.now() - begin) * 1_000);
    }
  }
  const medians = times.map((values) => summarise(values.slice(ROUNDS / 4)).p50);
  return [medians[0] ?? 0, medians[1] ?? 0];
}
