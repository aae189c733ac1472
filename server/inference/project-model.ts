/**
 * What a project is judged with: the head of its promoted version on the backbone of that version,
 * and for categories that this head does not know yet the class mean of what is known of them. So a
 * pre-taught category works from the first second and a new one after its first example, before
 * anything is trained.
 */
import type { ModelVersionRecord, ModelVersionStore } from '../domain/learning-ports.ts';
import type { BlobStore, CategoryRecord, CategoryStore, ExampleStore } from '../domain/ports.ts';
import { classMeansHead, type Head } from '../ml/head.ts';
import { headExamples, type KnownCategory } from '../ml/head-examples.ts';
import { embeddingSizeOf } from '../ml/network.ts';
import { NEVER_UNKNOWN } from '../ml/unknown.ts';
import { intact, unavailable } from './backbone-blob.ts';
import type { BackboneAddress, Backbones } from './backbones.ts';
import { decodeHead } from './head-blob.ts';
import { joinHeads, selectCategories } from './head-columns.ts';
import { ENOUGH_EXAMPLES } from './missing-embeddings.ts';
import type { StarterModel } from './starter-model.ts';

export interface ProjectModel {
  readonly modelVersionId: string | null;
  readonly backbone: BackboneAddress;
  /** In the order of the head's columns. */
  readonly categories: readonly { readonly id: string; readonly name: string }[];
  readonly head: Head;
  /** Categories of which more would be known if the backbone had seen all their examples. */
  readonly lackingIds: readonly string[];
  /** Why it is not the promoted version, which could not be read; null when all is well. */
  readonly failure: unknown;
}

export interface ProjectModelPorts {
  readonly starter: StarterModel;
  readonly models: ModelVersionStore;
  readonly categories: CategoryStore;
  readonly examples: ExampleStore;
  readonly blobs: BlobStore;
}

type Ports = ProjectModelPorts & { readonly backbones: Backbones };

/** A head and the backbone that it stands on. */
export interface Served {
  readonly version: ModelVersionRecord | null;
  readonly head: Head | null;
  readonly backbone: BackboneAddress;
  readonly embeddingSize: number;
}

/**
 * Reads and builds the model of a project; its backbone is open then. When the promoted version
 * cannot be read, the class means of the starter model step in.
 */
export async function loadProjectModel(ports: Ports, projectId: string): Promise<ProjectModel> {
  const [version, categories] = await Promise.all([
    ports.models.findPromoted(projectId),
    ports.categories.list(projectId),
  ]);
  const starter = starterOf(ports);
  if (!version || isOfEarlierStarter(version, ports.starter))
    return { ...(await build(ports, categories, starter)), failure: null };
  try {
    const served = await readServed(ports, version);
    return { ...(await build(ports, categories, served)), failure: null };
  } catch (failure) {
    return { ...(await build(ports, categories, starter)), failure };
  }
}

/**
 * The head of a stored version; throws `model.unavailable` when its blob is gone or damaged. One from
 * before heads had a rule for "?" gets the one given.
 */
export async function readHead(
  blobs: BlobStore,
  version: ModelVersionRecord,
  olderRule = NEVER_UNKNOWN,
): Promise<Head> {
  const bytes = await blobs.get(version.headKey);
  if (!bytes) throw unavailable('The head of this version is not in the store any more.');
  return intact(() => decodeHead(bytes, olderRule));
}

/** What ships for a category, where its name is pre-taught and not switched off. */
function findPreTaught(
  starter: StarterModel,
  { starterName }: CategoryRecord,
): KnownCategory['preTaught'] {
  return (starterName !== null && starter.preTaught.get(starterName)) || null;
}

/** Its weights were in an earlier release and are nowhere now: nothing that could be tried again. */
function isOfEarlierStarter(version: ModelVersionRecord, starter: StarterModel): boolean {
  return version.backboneKey === null && version.backboneId !== starter.backboneId;
}

function starterOf({ starter: { backboneId, network } }: Ports): Served {
  const backbone = { backboneId, backboneKey: null };
  return { version: null, head: null, backbone, embeddingSize: embeddingSizeOf(network) };
}

/** Head and backbone of a version, opened; throws where they are not there or do not fit. */
export async function readServed(
  { starter, backbones, blobs }: Ports,
  version: ModelVersionRecord,
): Promise<Served> {
  const { backboneId, backboneKey } = version;
  const backbone = { backboneId, backboneKey };
  const [head, embeddingSize] = await Promise.all([
    readHead(blobs, version, starter.calibration.unknown),
    backbones.use(backbone, async (open) => open.embeddingSize),
  ]);
  if (
    head.bias.length !== version.categories.length ||
    head.weights.length !== embeddingSize * head.bias.length
  )
    throw new Error(`The head of model version ${version.id} does not fit its backbone.`);
  return { version, head, backbone, embeddingSize };
}

async function build(
  ports: Ports,
  categories: readonly CategoryRecord[],
  served: Served,
): Promise<Omit<ProjectModel, 'failure'>> {
  const { version, head, backbone } = served;
  const columnOf = new Map(version?.categories.map(({ id }, column) => [id, column]));
  const taught = categories.filter(({ id }) => columnOf.has(id));
  const columns = taught.map(({ id }) => columnOf.get(id) ?? 0);
  const untaught = categories.filter(({ id }) => !columnOf.has(id));
  const means = await meansOf(ports, untaught, served);
  return {
    modelVersionId: version?.id ?? null,
    backbone,
    categories: [...taught, ...means.categories].map(({ id, name }) => ({ id, name })),
    head: head ? joinHeads(selectCategories(head, columns), means.head) : means.head,
    lackingIds: means.lackingIds,
  };
}

interface ClassMeans {
  readonly categories: readonly CategoryRecord[];
  readonly head: Head;
  readonly lackingIds: readonly string[];
}

async function meansOf(
  { starter, examples }: Ports,
  categories: readonly CategoryRecord[],
  { backbone: { backboneId }, embeddingSize }: Served,
): Promise<ClassMeans> {
  const { ownOf, lackingIds } = await readOwn(examples, categories, backboneId);
  const isStarter = backboneId === starter.backboneId;
  const known = categories
    .map((category) => ({
      category,
      known: {
        own: ownOf.get(category.id) ?? [],
        // What ships are embeddings of the starter model's backbone; another one sees differently.
        preTaught: isStarter ? findPreTaught(starter, category) : null,
      } satisfies KnownCategory,
    }))
    .filter(({ known: { own, preTaught } }) => own.length > 0 || preTaught !== null);
  const { means, support } = headExamples(
    known.map((entry) => entry.known),
    embeddingSize,
  );
  return {
    categories: known.map(({ category }) => category),
    head: classMeansHead(means, starter.calibration.meansTemperature, {
      support,
      unknown: starter.calibration.unknown,
    }),
    lackingIds,
  };
}

interface OwnExamples {
  /** Embeddings by category, no more than a mean needs: a project may have very many. */
  readonly ownOf: ReadonlyMap<string, readonly Float32Array[]>;
  readonly lackingIds: readonly string[];
}

async function readOwn(
  examples: ExampleStore,
  categories: readonly CategoryRecord[],
  backboneId: string,
): Promise<OwnExamples> {
  const drawn = categories.filter((category) => category.examples > 0);
  // Most of the time nothing needs to be read: all is trained, or pre-taught and not yet drawn.
  if (drawn.length === 0) return { ownOf: new Map(), lackingIds: [] };
  const categoryIds = drawn.map(({ id }) => id);
  const seen = { categoryIds, backboneId, atMost: ENOUGH_EXAMPLES };
  const [rows, counts] = await Promise.all([
    examples.newestEmbeddings(seen),
    examples.countEmbedded(seen),
  ]);
  const ownOf = new Map(categoryIds.map((id): [string, Float32Array[]] => [id, []]));
  for (const { categoryId, embeddings } of rows) ownOf.get(categoryId)?.push(embeddings);
  return { ownOf, lackingIds: lackingOf(drawn, counts) };
}

/**
 * Those that have examples which came while another backbone was served. All splits count: what is
 * missing is embedded for the newest examples, of whatever split they are.
 */
function lackingOf(
  categories: readonly CategoryRecord[],
  embedded: ReadonlyMap<string, number>,
): string[] {
  return categories
    .filter(({ id, examples }) => (embedded.get(id) ?? 0) < Math.min(examples, ENOUGH_EXAMPLES))
    .map(({ id }) => id);
}
