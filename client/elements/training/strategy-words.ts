import type { ExampleSource } from '../../../shared/example.ts';
import type { TrainingStrategy } from '../../../shared/training-strategy.ts';
import { counted, layersName, spanWords } from './model-words.ts';

export const SOURCE_WORDS: Readonly<Record<ExampleSource, string>> = {
  drawn: 'drawn on a canvas',
  feedback: 'corrected guesses',
  import: 'imported',
  api: 'sent by programs',
};

/** When a project is trained, as the end of a sentence. */
export function whenWords(when: TrainingStrategy['when']): string {
  switch (when.kind) {
    case 'by_hand':
      return 'only when somebody asks';
    case 'after_correction':
      return 'after each correction';
    case 'after_examples':
      return when.examples === 1
        ? 'after each new example'
        : `after ${counted(when.examples, 'new example')}`;
    case 'on_schedule':
      return `every ${spanWords(when.everyMinutes * 60_000)} if something is new`;
  }
}

function dataWords(data: TrainingStrategy['data']): string {
  switch (data.kind) {
    case 'all':
      return 'on all examples';
    case 'new_and_replay':
      return `on new examples and ${data.replayPerCategory} older ones of each category`;
    case 'sources':
      return `on examples that were ${listOf(data.sources.map((source) => SOURCE_WORDS[source]))}`;
    case 'authors':
      return `on the examples of ${counted(data.authorIds.length, 'person', 'people')}`;
  }
}

/** A strategy in one sentence. */
export function strategyWords({ when, layers, data }: TrainingStrategy): string {
  return `Trains (${layersName(layers).toLowerCase()}) ${whenWords(when)}, ${dataWords(data)}.`;
}

function listOf(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} or ${parts.at(-1)}`;
}
