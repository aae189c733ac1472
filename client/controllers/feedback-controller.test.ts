import type { ReactiveControllerHost } from 'lit';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Feedback } from '../../shared/feedback.ts';
import { eventually } from '../../test/support/eventually.ts';
import { ApiError } from '../services/api.ts';
import type { CanvasSession } from '../services/canvas-session.ts';
import { FeedbackController } from './feedback-controller.ts';

const FEEDBACK: Feedback = {
  id: 'f',
  canvasId: 'c',
  sketchId: 'first',
  participantId: 'ann',
  verdict: 'right',
  categoryId: 'id of cat',
  exampleId: null,
  trainingRunId: null,
  createdAt: '2026-01-01T00:00:00.000Z',
};

const REFUSAL = new ApiError({
  code: 'network',
  message: 'The server cannot be reached.',
  details: {},
});

const host: ReactiveControllerHost = {
  addController: () => undefined,
  removeController: () => undefined,
  requestUpdate: () => undefined,
  updateComplete: Promise.resolve(true),
};

/** As much of a session as feedback goes through; what was sent is answered by hand. */
class FeedbackSession {
  readonly mayDraw = true;
  readonly predictions = { of: () => undefined };
  readonly projectState = { nameOf: () => 'cat' };
  accept: (feedback: Feedback) => void = () => undefined;
  refuse: (error: Error) => void = () => undefined;

  strokesOf(): [] {
    return [];
  }

  async giveFeedback(): Promise<Feedback> {
    return new Promise((accept, refuse) => {
      this.accept = accept;
      this.refuse = refuse;
    });
  }
}

let session: FeedbackSession;
let feedback: FeedbackController;

beforeEach(() => {
  session = new FeedbackSession();
  // It uses nothing of a session but what this one has.
  feedback = new FeedbackController(host, () => session as unknown as CanvasSession);
});

function choose(sketchId: string): void {
  const detail = { sketchId, anchor: new DOMRect(), label: 'cat', isConfirmed: false };
  feedback.onSketchChosen(new CustomEvent('sketch-chosen', { detail }));
}

function sayRight(): void {
  const detail = { verdict: 'right', addToDataset: true } as const;
  feedback.onVerdict(new CustomEvent('verdict', { detail }));
}

describe('a verdict whose question is still shown', () => {
  beforeEach(() => {
    choose('first');
    sayRight();
  });

  test('closes it once it has been taken', async () => {
    expect(feedback.question).toMatchObject({ sketchId: 'first', isSending: true });
    session.accept(FEEDBACK);
    await eventually(() => expect(feedback.question).toBeNull());
    expect(feedback.toast).toEqual({ text: 'Thanks! It learns from this: cat.', action: 'Undo' });
  });

  test('is asked for once more where it was refused, and the question says why', async () => {
    session.refuse(REFUSAL);
    await eventually(() =>
      expect(feedback.question).toMatchObject({ isSending: false, trouble: REFUSAL.message }),
    );
    expect(feedback.toast).toBeNull();
  });
});

describe('a verdict whose question has given way to the next one', () => {
  beforeEach(() => {
    choose('first');
    sayRight();
    feedback.onDismissed();
    choose('second');
  });

  test('leaves the next one open when it has been taken', async () => {
    session.accept(FEEDBACK);
    await eventually(() => expect(feedback.toast?.text).toMatch(/^Thanks!/));
    expect(feedback.question).toMatchObject({ sketchId: 'second', isSending: false });
  });

  test('is told as a message when it was refused', async () => {
    session.refuse(REFUSAL);
    await eventually(() => expect(feedback.toast).toEqual({ text: REFUSAL.message }));
    expect(feedback.question).toMatchObject({ sketchId: 'second', trouble: '' });
  });
});

test('a refusal does not bring back a question that was closed', async () => {
  choose('first');
  sayRight();
  feedback.onDismissed();
  session.refuse(REFUSAL);
  await eventually(() => expect(feedback.toast).toEqual({ text: REFUSAL.message }));
  expect(feedback.question).toBeNull();
});
