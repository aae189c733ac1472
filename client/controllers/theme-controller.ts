import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Paper } from '../drawing/ink-color.ts';
import { changePreferences, readPreferences } from '../services/preferences.ts';

/** Light or dark paper: as the device says, until somebody chooses. */
export class ThemeController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #device = matchMedia('(prefers-color-scheme: dark)');
  readonly #onChange = (): void => this.#apply();

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  get paper(): Paper {
    const { theme } = readPreferences();
    if (theme !== 'system') return theme;
    return this.#device.matches ? 'dark' : 'light';
  }

  toggle(): void {
    changePreferences({ theme: this.paper === 'dark' ? 'light' : 'dark' });
    this.#apply();
  }

  hostConnected(): void {
    this.#device.addEventListener('change', this.#onChange);
    this.#apply();
  }

  hostDisconnected(): void {
    this.#device.removeEventListener('change', this.#onChange);
  }

  #apply(): void {
    const { classList } = document.documentElement;
    classList.toggle('wa-dark', this.paper === 'dark');
    classList.toggle('wa-light', this.paper === 'light');
    this.#host.requestUpdate();
  }
}
