/**
 * happy-dom has no `ElementInternals`, which form controls of Web Awesome build on. Import this
 * before them: it gives each element internals that find everything valid.
 */
const internals = {
  form: null,
  states: new Set<string>(),
  validity: { valid: true },
  validationMessage: '',
  willValidate: false,
  checkValidity: () => true,
  reportValidity: () => true,
  setFormValue: () => undefined,
  setValidity: () => undefined,
};

Object.defineProperty(HTMLElement.prototype, 'attachInternals', { value: () => internals });

export {};
