/** What is typed in the text field that an event comes from. */
export function typedText(event: Event): string {
  const field = event.target;
  const hasText = field instanceof HTMLElement && 'value' in field;
  return hasText && typeof field.value === 'string' ? field.value : '';
}
