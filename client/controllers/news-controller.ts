import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Role } from '../../shared/participant.ts';
import type { Notice } from '../../shared/sync-protocol.ts';
import type { CanvasSession } from '../services/canvas-session.ts';
import type { ToastAction } from './feedback-controller.ts';

/** What the news lead to. */
export interface NewsTarget {
  readonly say: (text: string, action?: ToastAction) => void;
  /** Opens the canvas once more, as it is on the server now. */
  readonly reopen: () => void;
  /** Shows where room can be made. */
  readonly showVersions: () => void;
}

/** Tells people what the server says of their canvas: another role, little room, a new beginning. */
export class NewsController implements ReactiveController {
  readonly #target: NewsTarget;
  #session: CanvasSession | null = null;
  #role: Role | null = null;
  #hasWarned = false;
  readonly #onNotice = (event: Event): void => {
    if (event instanceof CustomEvent) this.#tell(event.detail as Notice);
  };
  readonly #onRole = (): void => this.#tellRole();
  readonly #onOtherGeneration = (): void => this.#beginAnew();

  constructor(host: ReactiveControllerHost, target: NewsTarget) {
    this.#target = target;
    host.addController(this);
  }

  /** Hears this session's news from now on. */
  follow(session: CanvasSession): void {
    this.hostDisconnected();
    this.#session = session;
    this.#role = session.role;
    this.#hasWarned = false;
    session.sync.addEventListener('notice', this.#onNotice);
    session.sync.addEventListener('role', this.#onRole);
    session.sync.addEventListener('other-generation', this.#onOtherGeneration);
  }

  hostDisconnected(): void {
    const sync = this.#session?.sync;
    sync?.removeEventListener('notice', this.#onNotice);
    sync?.removeEventListener('role', this.#onRole);
    sync?.removeEventListener('other-generation', this.#onOtherGeneration);
    this.#session = null;
  }

  #tell(notice: Notice): void {
    if (notice.kind === 'refused') this.#target.say(notice.reason);
    if (notice.kind === 'nearly_full') this.#warn();
  }

  /** Once is enough: the server says so with every connection. */
  #warn(): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    if (this.#role === 'owner') {
      const run = this.#target.showVersions;
      this.#target.say('This canvas is nearly full.', { words: 'Make room', run });
    } else {
      this.#target.say(
        'This canvas is nearly full. Its owner can make room under Versions; a new canvas has room, too.',
      );
    }
  }

  #tellRole(): void {
    const session = this.#session;
    if (!session || session.role === this.#role) return;
    const couldDraw = this.#role !== 'viewer';
    this.#role = session.role;
    this.#target.say(roleWords(session.role, couldDraw));
  }

  #beginAnew(): void {
    const unsaved = this.#session?.sync.unsaved ?? 0;
    this.#target.reopen();
    this.#target.say(`This canvas has begun anew, without erased ink.${lostWords(unsaved)}`);
  }
}

function roleWords(role: Role, couldDraw: boolean): string {
  if (role === 'viewer')
    return 'You can only look at this canvas now. Ask its owner to draw again.';
  if (!couldDraw) return 'You can draw on this canvas again.';
  return `You are ${role === 'contributor' ? 'a contributor' : `an ${role}`} of this project now.`;
}

function lostWords(unsaved: number): string {
  if (unsaved === 0) return '';
  const changes = unsaved === 1 ? 'A change' : `${unsaved} changes`;
  return ` ${changes} of yours that ${unsaved === 1 ? 'was' : 'were'} not saved yet came too late.`;
}
