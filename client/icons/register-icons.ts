import { registerIconLibrary } from '@awesome.me/webawesome/dist/components/icon/library.js';
import spriteUrl from './sprite.svg?url';

/**
 * Icons come from one sprite of our own, Web Awesome's inner ones (the close button of a dialog)
 * too: nothing is fetched from elsewhere, as the content security policy asks.
 */
export function registerIcons(): void {
  const resolver = (name: string): string => `${spriteUrl}#${name}`;
  registerIconLibrary('default', { resolver, spriteSheet: true });
  registerIconLibrary('system', { resolver, spriteSheet: true });
}
