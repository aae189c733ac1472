/** What a dataset lacks before it can be trained on, and the words in which people are told. */
import { z } from 'zod';
import { Layers } from './hyperparameters.ts';
import type { LeastExamples } from './training-strategy.ts';

/** A category as a run would find it. */
export interface TeachableCategory {
  readonly name: string;
  /** Of people's own, those that a run would learn from. */
  readonly examples: number;
  readonly preTaught: boolean;
}

/** A category that has too few examples. */
const MissingExamples = z.object({
  name: z.string(),
  has: z.number().int(),
  needed: z.number().int(),
});
export type MissingExamples = z.infer<typeof MissingExamples>;

/** Whether a project can be trained now: `reason` is null, or says to people what is lacking. */
export const TrainingNeeds = z.object({
  layers: Layers,
  missing: z.array(MissingExamples),
  reason: z.string().nullable(),
});
export type TrainingNeeds = z.infer<typeof TrainingNeeds>;

/** With fewer there is nothing to tell apart. */
export const MIN_CATEGORIES = 2;
/** So many categories are named in a sentence; of more only the number is told. */
const MAX_NAMED = 3;

/**
 * The categories that have too few examples for these layers, in their order. What is pre-taught has
 * enough for the head; with a least number of 1 a head simply leaves out what has none.
 */
export function missingExamples(
  categories: readonly TeachableCategory[],
  layers: Layers,
  leastExamples: LeastExamples,
): MissingExamples[] {
  const isHead = layers === 'head';
  const needed = isHead ? leastExamples.head : leastExamples.backbone;
  if (isHead && needed === 1) return [];
  return categories
    .filter(({ examples, preTaught }) => examples < needed && !(isHead && preTaught))
    .map(({ name, examples }) => ({ name, has: examples, needed }));
}

/** How many categories a run of these layers could learn. */
export function countTeachable(categories: readonly TeachableCategory[], layers: Layers): number {
  return categories.filter(
    ({ examples, preTaught }) => examples > 0 || (layers === 'head' && preTaught),
  ).length;
}

/** What a project lacks for a run of these layers. */
export function trainingNeeds(
  categories: readonly TeachableCategory[],
  layers: Layers,
  leastExamples: LeastExamples,
): TrainingNeeds {
  const missing = missingExamples(categories, layers, leastExamples);
  // Until there are two categories, to speak of examples of the one would lead nowhere.
  const hasEnough = layers === 'head' ? countTeachable(categories, layers) : categories.length;
  if (hasEnough < MIN_CATEGORIES) return { layers, missing, reason: describeTooFew(layers) };
  return { layers, missing, reason: missing.length > 0 ? describeMissing(missing, layers) : null };
}

/** For people: which categories lack examples, and how many to draw. */
export function describeMissing(missing: readonly MissingExamples[], layers: Layers): string {
  const [first] = missing;
  if (!first) return '';
  const purpose = layers === 'head' ? 'to train' : 'to train more than the head';
  if (missing.length === 1)
    return `The category ${quote(first)} has ${count(first.has)} and needs ${first.needed} ${purpose}. Draw ${lack(first)} more.`;
  const named = missing.slice(0, MAX_NAMED);
  const others = missing.length - named.length;
  const rest = others > 0 ? [`${others} other${others > 1 ? 's' : ''}`] : [];
  const wishes = named.map((one) => `${lack(one)} more of ${quote(one)}`);
  return `${missing.length} categories have too few examples: each needs ${first.needed} ${purpose}. Draw ${listOf([...wishes, ...rest.map((words) => `some of ${words}`)])}.`;
}

function describeTooFew(layers: Layers): string {
  return layers === 'head'
    ? 'Training needs at least two categories that have examples or are pre-taught. Draw or add some first.'
    : 'Training needs at least two categories with examples of your own. Draw or add some first.';
}

function quote({ name }: MissingExamples): string {
  return `“${name}”`;
}

function count(examples: number): string {
  if (examples === 0) return 'no examples';
  return examples === 1 ? '1 example' : `${examples} examples`;
}

function lack({ has, needed }: MissingExamples): number {
  return needed - has;
}

function listOf(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
