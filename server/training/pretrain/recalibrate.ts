/** Fits the calibration of a starter model again, and leaves all else as it is. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { seededRandom } from '../../../shared/random.ts';
import { Backbone } from '../../inference/backbone.ts';
import type { BackboneModel } from '../../inference/backbone-blob.ts';
import {
  assembleStarter,
  STARTER_FILES,
  StarterDescription,
} from '../../inference/starter-model.ts';
import { embedViews, VIEWS } from '../../inference/views.ts';
import { NEVER_UNKNOWN } from '../../ml/unknown.ts';
import { calibrateOnProjects } from './calibration.ts';
import type { Drawings } from './drawings.ts';
import { updateModelCard } from './model-card.ts';
import type { EmbeddedDrawings } from './trial-project.ts';

/**
 * Rewrites `starter.json` and the figures of the model card in `folder` with what is fitted on the
 * drawings, whose categories are by number those of the model. It need not have a calibration of
 * today's form before. Gives the figures.
 */
export async function recalibrate(
  folder: string,
  drawings: Drawings,
  seed: number,
): Promise<Readonly<Record<string, number>>> {
  const file = path.join(folder, STARTER_FILES.description);
  const json: unknown = JSON.parse(await readFile(file, 'utf8'));
  const rest = StarterDescription.omit({ calibration: true }).parse(json);
  const none = { meansTemperature: 1, trainedTemperature: 1, unknown: NEVER_UNKNOWN };
  const starter = await assembleStarter(folder, { ...rest, calibration: none });
  const { calibration, figures } = await calibrateOnProjects(
    [...starter.preTaught.values()],
    await embedDrawings(starter, drawings),
    seededRandom(seed),
  );
  const described = { ...rest, calibration, figures: { ...rest.figures, ...figures } };
  await writeFile(file, `${JSON.stringify(StarterDescription.parse(described), null, 2)}\n`);
  await updateModelCard(folder, described.figures);
  return figures;
}

/** Drawings as examples are embedded: with their variations. */
export async function embedDrawings(
  model: BackboneModel,
  drawings: Drawings,
): Promise<EmbeddedDrawings> {
  const backbone = await Backbone.open(model);
  try {
    const sketches = Array.from({ length: drawings.count }, (_, i) => drawings.strokesOf(i));
    const rows = await embedViews(backbone, sketches);
    const length = VIEWS * backbone.embeddingSize;
    const embeddings = new Float32Array(rows.length * length);
    rows.forEach((row, i) => embeddings.set(row, i * length));
    return { embeddings, categoryOf: drawings.categoryOf };
  } finally {
    await backbone.close();
  }
}
