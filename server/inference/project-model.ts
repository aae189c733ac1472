/**
 * What a project is judged with: the head of its promoted version, and for categories that this
 * head does not know yet the class mean of what is known of them. So a pre-taught category works
 * from the first second and a new one after its first example, before anything is trained.
 */
import type { ModelVersionRecord, ModelVersionStore } from '../domain/learning-ports.ts';
import type { BlobStore, CategoryRecord, CategoryStore, ExampleStore } from '../domain/ports.ts';
import { classMeansHead, type Head } from '../ml/head.ts';
import { headExamples, type KnownCategory } from '../ml/head-examples.ts';
import { decodeHead } from './head-blob.ts';
import { joinHeads, selectCategories } from './head-columns.ts';
import type { StarterModel } from './starter-model.ts';

export interface ProjectModel {
  readonly modelVersionId: string | null;
  /** In the order of the head's columns. */
  readonly categories: readonly { readonly id: string; readonly name: string }[];
  readonly head: Head;
}

export interface ProjectModelPorts {
  readonly starter: StarterModel;
  readonly models: ModelVersionStore;
  readonly categories: CategoryStore;
  readonly examples: ExampleStore;
  readonly blobs: BlobStore;
}

/** Reads and builds the model of a project. */
export async function loadProjectModel(
  ports: ProjectModelPorts,
  projectId: string,
): Promise<ProjectModel> {
  const [version, categories] = await Promise.all([
    ports.models.findPromoted(projectId),
    ports.categories.list(projectId),
  ]);
  // Numbers of another backbone mean nothing to this one: the class means step in.
  const served = version?.backboneId === ports.starter.backboneId ? version : null;
  const trained = served && (await readHead(ports.blobs, served));
  const columnOf = new Map(served?.categories.map(({ id }, column) => [id, column]));
  const taught = categories.filter(({ id }) => columnOf.has(id));
  const columns = taught.map(({ id }) => columnOf.get(id) ?? 0);
  const untaught = categories.filter(({ id }) => !columnOf.has(id));
  const means = await meansOf(ports, projectId, untaught);
  return {
    modelVersionId: served?.id ?? null,
    categories: [...taught, ...means.categories].map(({ id, name }) => ({ id, name })),
    head: trained ? joinHeads(selectCategories(trained, columns), means.head) : means.head,
  };
}

/** The head of a stored version; throws when its blob is gone. */
export async function readHead(blobs: BlobStore, version: ModelVersionRecord): Promise<Head> {
  const bytes = await blobs.get(version.headKey);
  if (!bytes) throw new Error(`The head of model version ${version.id} is not in the blob store.`);
  return decodeHead(bytes);
}

async function meansOf(
  { starter, examples }: ProjectModelPorts,
  projectId: string,
  categories: readonly CategoryRecord[],
): Promise<{ readonly categories: readonly CategoryRecord[]; readonly head: Head }> {
  // Most of the time nothing needs to be read: all is trained, or pre-taught and not yet drawn.
  const hasOwn = categories.some((category) => category.examples > 0);
  const own = hasOwn ? await examples.embeddings(projectId, starter.backboneId) : [];
  const known = categories
    .map((category) => ({
      category,
      known: {
        own: own
          .filter(({ categoryId, split }) => categoryId === category.id && split === 'train')
          .map(({ embeddings }) => embeddings),
        preTaught: findPreTaught(starter, category),
      } satisfies KnownCategory,
    }))
    .filter(({ known: { own, preTaught } }) => own.length > 0 || preTaught !== null);
  const { means } = headExamples(
    known.map((entry) => entry.known),
    starter.embeddingSize,
  );
  return {
    categories: known.map(({ category }) => category),
    head: classMeansHead(means, starter.calibration.meansTemperature),
  };
}

/** What ships for a category, where its name is pre-taught and not switched off. */
export function findPreTaught(
  starter: StarterModel,
  { starterName }: CategoryRecord,
): KnownCategory['preTaught'] {
  return (starterName !== null && starter.preTaught.get(starterName)) || null;
}
