import type { ExampleSource } from '../../shared/example.ts';
import type { Hyperparameters, Layers } from '../../shared/hyperparameters.ts';
import { TrainingStrategy } from '../../shared/training-strategy.ts';

export type WhenKind = TrainingStrategy['when']['kind'];
export type DataKind = TrainingStrategy['data']['kind'];
export type HyperparameterName = keyof Hyperparameters;

const HYPERPARAMETER_NAMES: readonly HyperparameterName[] = [
  ...(['epochs', 'patience', 'maxMinutes', 'learningRate', 'batchSize'] as const),
  ...(['weightDecay', 'dropout', 'augmentation', 'labelSmoothing', 'seed'] as const),
];

/**
 * A strategy as it is typed: numbers are still text, and what is not chosen keeps its value, so that
 * going there and back loses nothing.
 */
export interface StrategyDraft {
  readonly when: WhenKind;
  readonly afterExamples: string;
  readonly everyMinutes: string;
  readonly layers: Layers;
  readonly data: DataKind;
  readonly replayPerCategory: string;
  readonly sources: readonly ExampleSource[];
  readonly authorIds: readonly string[];
  readonly leastHead: string;
  readonly leastBackbone: string;
  /** Empty text: the default. */
  readonly hyperparameters: Readonly<Record<HyperparameterName, string>>;
}

/** Fields of a draft with what is wrong in them, for people; none when all is well. */
export type Troubles = Readonly<Partial<Record<string, string>>>;

export type DraftReading =
  | { readonly ok: true; readonly strategy: TrainingStrategy }
  | { readonly ok: false; readonly troubles: Troubles };

/** What the form shows of a strategy. */
export function draftOf({
  when,
  layers,
  data,
  leastExamples,
  hyperparameters,
}: TrainingStrategy): StrategyDraft {
  return {
    when: when.kind,
    afterExamples: String(when.kind === 'after_examples' ? when.examples : 10),
    everyMinutes: String(when.kind === 'on_schedule' ? when.everyMinutes : 60),
    layers,
    data: data.kind,
    replayPerCategory: String(data.kind === 'new_and_replay' ? data.replayPerCategory : 20),
    sources: data.kind === 'sources' ? data.sources : ['drawn', 'feedback'],
    authorIds: data.kind === 'authors' ? data.authorIds : [],
    leastHead: String(leastExamples.head),
    leastBackbone: String(leastExamples.backbone),
    hyperparameters: textsOf(hyperparameters),
  };
}

/** The strategy that a draft stands for, judged by the schema that the server judges by. */
export function readDraft(draft: StrategyDraft): DraftReading {
  const parsed = TrainingStrategy.safeParse({
    when: whenOf(draft),
    layers: draft.layers,
    data: dataOf(draft),
    leastExamples: { head: numberOf(draft.leastHead), backbone: numberOf(draft.leastBackbone) },
    hyperparameters: numbersOf(draft.hyperparameters),
  });
  if (parsed.success) return { ok: true, strategy: parsed.data };
  const troubles: Partial<Record<string, string>> = {};
  for (const issue of parsed.error.issues) troubles[fieldOf(issue.path)] ??= wordsOf(issue);
  return { ok: false, troubles };
}

/** Whether two drafts stand for the same strategy. */
export function isSameDraft(a: StrategyDraft, b: StrategyDraft): boolean {
  return JSON.stringify(readDraft(a)) === JSON.stringify(readDraft(b));
}

function textsOf(set: Hyperparameters): Record<HyperparameterName, string> {
  const texts = HYPERPARAMETER_NAMES.map((name) => [name, String(set[name] ?? '')] as const);
  // Every name of the type is in the list above.
  return Object.fromEntries(texts) as Record<HyperparameterName, string>;
}

function numbersOf(texts: StrategyDraft['hyperparameters']): Record<string, number> {
  const given = Object.entries(texts).filter(([, text]) => text.trim() !== '');
  return Object.fromEntries(given.map(([name, text]) => [name, numberOf(text)]));
}

/** People type decimal commas as well. Not a number: `NaN`, which every schema refuses. */
function numberOf(text: string): number {
  return text.trim() === '' ? NaN : Number(text.trim().replace(',', '.'));
}

function whenOf({ when, afterExamples, everyMinutes }: StrategyDraft): unknown {
  switch (when) {
    case 'by_hand':
    case 'after_correction':
      return { kind: when };
    case 'after_examples':
      return { kind: when, examples: numberOf(afterExamples) };
    case 'on_schedule':
      return { kind: when, everyMinutes: numberOf(everyMinutes) };
  }
}

function dataOf({ data, replayPerCategory, sources, authorIds }: StrategyDraft): unknown {
  switch (data) {
    case 'all':
      return { kind: data };
    case 'new_and_replay':
      return { kind: data, replayPerCategory: numberOf(replayPerCategory) };
    case 'sources':
      return { kind: data, sources };
    case 'authors':
      return { kind: data, authorIds };
  }
}

/** `hyperparameters.epochs` is the field `epochs`; of a list it is the list. */
function fieldOf(path: readonly PropertyKey[]): string {
  const names = path.filter((part) => typeof part === 'string');
  const name = names.at(-1) ?? '';
  if (names[0] !== 'leastExamples') return name;
  return name === 'head' ? 'leastHead' : 'leastBackbone';
}

interface Issue {
  readonly code?: string | undefined;
  readonly origin?: string;
  readonly minimum?: unknown;
  readonly maximum?: unknown;
  readonly inclusive?: boolean;
  readonly expected?: string;
}

function wordsOf(issue: Issue): string {
  if (issue.origin === 'array') return 'Choose at least one.';
  const isWhole = issue.expected === 'int';
  if (issue.code === 'invalid_type')
    return isWhole ? 'A whole number, please.' : 'A number, please.';
  if (issue.code === 'too_big') return `At most ${String(issue.maximum)}, please.`;
  if (issue.code !== 'too_small') return 'This does not fit here.';
  const least = String(issue.minimum);
  return issue.inclusive === false ? `More than ${least}, please.` : `At least ${least}, please.`;
}
