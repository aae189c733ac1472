import type { HyperparameterName } from '../../services/strategy-draft.ts';

/** A hyperparameter as people set it. */
export interface HyperparameterField {
  readonly name: HyperparameterName;
  readonly label: string;
  /** What it does, and in which range, in one plain sentence. */
  readonly about: string;
  /** The same where it does something else to the head. */
  readonly aboutHead?: string;
}

/** Until when a run goes on. */
export const STOP_FIELDS: readonly HyperparameterField[] = [
  {
    name: 'epochs',
    label: 'Epochs',
    about: 'At most so many passes over all examples, 1 to 1,000.',
  },
  {
    name: 'patience',
    label: 'Patience',
    about: 'Stops after so many epochs without getting better.',
  },
  { name: 'maxMinutes', label: 'Minutes', about: 'Stops after this time, however far it is.' },
];

/** How a run goes about it. */
export const LEARN_FIELDS: readonly HyperparameterField[] = [
  {
    name: 'learningRate',
    label: 'Learning rate',
    about: 'Size of the steps. Large is quick, too large forgets.',
  },
  {
    name: 'batchSize',
    label: 'Batch size',
    about: 'Examples a step, 8 to 256. “Quick” always takes all.',
  },
  {
    name: 'weightDecay',
    label: 'Weight decay',
    about: 'Pulls weights to zero, 0 to 1, against learning by heart.',
  },
  {
    name: 'dropout',
    label: 'Dropout',
    about: 'Share of what it sees that is hidden at each step, 0 to 0.9.',
  },
  {
    name: 'augmentation',
    label: 'Augmentation',
    about: 'How much sketches are varied: 0 not at all, 1 as people do, 2 twice as much.',
    // A head learns from views that were embedded when the example came: all of them or the first.
    aboutHead: 'Whether sketches are varied as people do: 0 not at all, more than 0 always alike.',
  },
  {
    name: 'labelSmoothing',
    label: 'Label smoothing',
    about: 'How far it may doubt its teachers, 0 to 0.5.',
  },
  {
    name: 'seed',
    label: 'Seed',
    about: 'Same examples, settings and seed: same model.',
  },
];
