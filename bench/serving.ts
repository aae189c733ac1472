import { Tensor } from 'onnxruntime-node';
import { Backbone } from '../server/inference/backbone.ts';
import { createSession } from '../server/inference/session.ts';
import type { StarterModel } from '../server/inference/starter-model.ts';
import { classMeansHead, scoresOf } from '../server/ml/head.ts';
import { initialState, type Network } from '../server/ml/network.ts';
import { servingGraph } from '../server/ml/serving-graph.ts';
import { decideLabel } from '../server/ml/unknown.ts';
import { seededRandom } from '../shared/random.ts';
import { round, summarise } from './percentiles.ts';
import { SMALL_NETWORK } from './small-network.ts';

/** Rasters to labels, and what the runtime alone takes for the same rasters, in one run. */
export interface ServingFigures {
  readonly batch: number;
  /** Microseconds a sketch, median. */
  readonly microseconds: number;
  readonly sessionRunMicroseconds: number;
  readonly sketchesPerSecond: number;
  /** Of the speed of `session.run`. */
  readonly share: number;
  /** What the runtime takes for a sketch with the small network. */
  readonly smallNetworkMicroseconds: number;
  /** How many times that of the small network; it says more than microseconds of some machine. */
  readonly timesSmallNetwork: number;
}

const ROUNDS = 400;
const CATEGORIES = 20;

/** Times embedding, scores and label of ready rasters, alone and 32 at once. */
export async function measureServing(starter: StarterModel): Promise<ServingFigures[]> {
  return [await measureBatch(starter, 1), await measureBatch(starter, 32)];
}

async function measureBatch(starter: StarterModel, batch: number): Promise<ServingFigures> {
  const backbone = await Backbone.open(starter);
  const ready = await createSession(starter.servingGraph);
  const state = initialState(SMALL_NETWORK, 1);
  const small = await createSession(servingGraph(SMALL_NETWORK, state));
  const means = [...starter.preTaught.values()].slice(0, CATEGORIES).map(({ mean }) => mean);
  const head = classMeansHead(means, starter.calibration.meansTemperature);
  const { rasters, joined } = someRasters(starter.network, batch);
  const smallRasters = someRasters(SMALL_NETWORK, batch).joined;
  const serve = async (): Promise<void> => {
    for (const embedding of await backbone.embed(rasters, (raster) => raster))
      decideLabel(head, embedding, scoresOf(head, embedding));
  };
  const run = async (): Promise<unknown> => ready.run({ raster: joined });
  const runSmall = async (): Promise<unknown> => small.run({ raster: smallRasters });
  const [ours = 0, raw = 0, ofSmall = 0] = await timeInTurn([serve, run, runSmall]);
  await backbone.close();
  await ready.release();
  await small.release();
  return {
    batch,
    microseconds: round(ours / batch),
    sessionRunMicroseconds: round(raw / batch),
    sketchesPerSecond: Math.round((batch * 1_000_000) / ours),
    share: round(raw / ours),
    smallNetworkMicroseconds: round(ofSmall / batch),
    timesSmallNetwork: round(ours / ofSmall),
  };
}

/** A fifth of all pixels dark; one by one, and as the network takes them. */
function someRasters(
  { planes, pixels }: Network,
  batch: number,
): { readonly rasters: Uint8Array[]; readonly joined: Tensor } {
  const bytes = planes * pixels * pixels;
  const random = seededRandom(1);
  const all = Uint8Array.from({ length: batch * bytes }, () => (random() < 0.2 ? 255 : 0));
  const rasters = Array.from({ length: batch }, (_, i) => all.subarray(i * bytes, (i + 1) * bytes));
  return { rasters, joined: new Tensor('uint8', all, [batch, planes, pixels, pixels]) };
}

/** Median microseconds of each, measured in turn, so that what else goes on hits them alike. */
async function timeInTurn(tasks: readonly (() => Promise<unknown>)[]): Promise<number[]> {
  const times: number[][] = tasks.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, task] of tasks.entries()) {
      const begin = performance.now();
      await task();
      times[i]?.push((performance.now() - begin) * 1_000);
    }
  }
  return times.map((values) => summarise(values.slice(ROUNDS / 4)).p50);
}
