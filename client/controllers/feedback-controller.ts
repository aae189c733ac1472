import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { SketchChoice } from '../elements/tc-chips.ts';
import type { AskedSketch, Verdict } from '../elements/tc-correction.ts';
import type { Toast } from '../elements/tc-toast.ts';
import { messageOf } from '../services/api.ts';
import type { CanvasSession } from '../services/canvas-session.ts';
import { changePreferences, readPreferences } from '../services/preferences.ts';

/** What is being asked about which sketch. */
export interface Question {
  readonly sketchId: string;
  readonly sketch: AskedSketch;
  readonly anchor: DOMRect;
  readonly isSending: boolean;
  /** Why the verdict was not taken, for people. */
  readonly trouble: string;
}

/** What a message offers to do. */
export interface ToastAction {
  readonly words: string;
  readonly run: () => void;
}

/** From a chosen bubble to the verdict on the server, and back again by Undo. */
export class FeedbackController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #session: () => CanvasSession | null;
  #question: Question | null = null;
  #toast: Toast | null = null;
  #toastAction: (() => void) | null = null;

  constructor(host: ReactiveControllerHost, session: () => CanvasSession | null) {
    this.#host = host;
    this.#session = session;
    host.addController(this);
  }

  get question(): Question | null {
    return this.#question;
  }

  get toast(): Toast | null {
    return this.#toast;
  }

  get addsToDataset(): boolean {
    return readPreferences().addsToDataset;
  }

  hostDisconnected(): void {
    this.#question = null;
    this.#toast = null;
  }

  /** Shows a message, with something to do about it where there is. */
  say(text: string, action?: ToastAction): void {
    this.#toastAction = action?.run ?? null;
    this.#show({ text, ...(action && { action: action.words }) });
  }

  readonly onSketchChosen = ({ detail }: CustomEvent<SketchChoice>): void => {
    const session = this.#session();
    if (!session) return;
    if (!session.mayDraw) return this.say('You can look at this canvas, but not teach it.');
    const { sketchId, anchor, label, isConfirmed } = detail;
    const scores = session.predictions.of(sketchId)?.scores ?? [];
    const sketch = { label, isConfirmed, scores, strokes: session.strokesOf(sketchId) };
    this.#ask({ sketchId, anchor, sketch, isSending: false, trouble: '' });
  };

  readonly onVerdict = ({ detail }: CustomEvent<Verdict>): void => {
    if (this.#question && !this.#question.isSending) void this.#send(this.#question, detail);
  };

  readonly onDatasetSwitched = ({ detail }: CustomEvent<boolean>): void => {
    changePreferences({ addsToDataset: detail });
    this.#host.requestUpdate();
  };

  readonly onDismissed = (): void => this.#ask(null);

  readonly onToastOver = (): void => this.#show(null);

  readonly onToastAction = (): void => {
    const run = this.#toastAction;
    this.#toastAction = null;
    this.#show(null);
    run?.();
  };

  async #send(question: Question, verdict: Verdict): Promise<void> {
    const session = this.#session();
    if (!session) return;
    const { sketchId } = question;
    const prediction = session.predictions.of(sketchId);
    const sent: Question = { ...question, isSending: true, trouble: '' };
    this.#ask(sent);
    try {
      const feedback = await session.giveFeedback(sketchId, {
        ...verdict,
        sketchRevision: prediction?.revision ?? 0,
        modelVersion: prediction?.modelVersion ?? null,
      });
      if (this.#question === sent) this.#ask(null);
      const meant = nameMeant(session, verdict, feedback.categoryId);
      const run = (): void => void this.#takeBack(feedback.id);
      this.say(thanksFor(meant, verdict.addToDataset), { words: 'Undo', run });
    } catch (error) {
      this.#tellTrouble(sent, messageOf(error));
    }
  }

  /** Beside the verdict that was refused; where another sketch is asked about by now, as a message. */
  #tellTrouble(sent: Question, trouble: string): void {
    if (this.#question === sent) this.#ask({ ...sent, isSending: false, trouble });
    else this.say(trouble);
  }

  async #takeBack(feedbackId: string): Promise<void> {
    try {
      await this.#session()?.takeBackFeedback(feedbackId);
      this.say('Taken back.');
    } catch (error) {
      this.say(messageOf(error));
    }
  }

  #ask(question: Question | null): void {
    this.#question = question;
    this.#host.requestUpdate();
  }

  #show(toast: Toast | null): void {
    this.#toast = toast;
    this.#host.requestUpdate();
  }
}

function nameMeant(session: CanvasSession, verdict: Verdict, categoryId: string): string {
  return verdict.newCategory?.name ?? session.projectState.nameOf(categoryId) ?? 'noted';
}

function thanksFor(name: string, isExample: boolean): string {
  return isExample ? `Thanks! It learns from this: ${name}.` : `Thanks! Noted: ${name}.`;
}
