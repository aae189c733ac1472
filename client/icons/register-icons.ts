import { registerIconLibrary } from '@awesome.me/webawesome/dist/components/icon/library.js';
import spriteUrl from './sprite.svg?url';

/**
 * Icons come from one sprite of our own, Web Awesome's inner ones (the close button of a dialog)
 * too: nothing is fetched from elsewhere, as the content security policy asks.
 */
export function registerIcons(): void {
  const resolver = (name: string): string => `${spriteUrl}#${name}`;
  // Without a view box the picture would be 300 pixels wide and lie over its neighbours.
  const mutator = (svg: SVGElement): void => svg.setAttribute('viewBox', '0 0 24 24');
  for (const library of ['default', 'system'])
    registerIconLibrary(library, { resolver, mutator, spriteSheet: true });
}
