// A form made from what the model's item says of its parameters.

import type { Parameter } from '@fair-edge/web';

const titles: Record<string, string> = { confidence_threshold: 'Confidence threshold', orthogonalize: 'Right angles', area_threshold: 'Smallest area', tolerance: 'Simplify by', overlap: 'Overlap', tta_views: 'Test-time augmentation' };
const title = (key: string): string => titles[key] ?? key.replace(/_/g, ' ').replace(/^./, (c) => c.toUpperCase());

export class ParamsForm {
  private parameters: Parameter[] = [];
  constructor(private readonly form: HTMLFormElement) {
    form.addEventListener('submit', (e) => e.preventDefault());
  }

  show(parameters: Parameter[]): void {
    this.parameters = parameters.filter((p) => p.group === 'inference');
    this.form.replaceChildren(...this.parameters.map((p) => this.field(p)));
  }
  reset(): void {
    this.show(this.parameters);
  }
  /** Only what differs from the model's own values. Throws where the browser finds an entry wrong. */
  values(): Record<string, unknown> {
    if (!this.form.reportValidity()) throw new Error('A parameter is outside what the model takes.');
    const out: Record<string, unknown> = {};
    for (const p of this.parameters) {
      const input = this.form.elements.namedItem(p.key) as HTMLInputElement | HTMLSelectElement;
      const value = p.type === 'bool' ? (input as HTMLInputElement).checked : p.type === 'int' || p.type === 'float' ? Number(input.value) : input.value;
      if (value !== p.value) out[p.key] = value;
    }
    return out;
  }

  private field(p: Parameter): HTMLElement {
    const box = document.createElement('div');
    box.className = 'field';
    const label = document.createElement('label');
    let input: HTMLInputElement | HTMLSelectElement;
    if (p.values.length > 0) {
      input = document.createElement('select');
      for (const v of p.values) input.append(new Option(String(v), String(v), v === p.value, v === p.value));
    } else {
      input = document.createElement('input');
      if (p.type === 'bool') {
        input.type = 'checkbox';
        input.checked = p.value === true;
      } else if (p.type === 'int' || p.type === 'float') {
        input.type = 'number';
        input.required = true;
        input.step = p.type === 'int' ? '1' : 'any';
        if (p.min !== null) input.min = String(p.min);
        if (p.max !== null) input.max = String(p.max);
        input.value = String(p.value);
      } else {
        input.type = 'text';
        input.value = String(p.value ?? '');
      }
    }
    input.name = input.id = p.key;
    const note = document.createElement('p');
    note.className = 'note';
    note.id = `${p.key}-note`;
    note.textContent = p.description;
    input.setAttribute('aria-describedby', note.id);
    if (p.type === 'bool') {
      label.className = 'check';
      label.append(input, title(p.key));
      box.append(label, note);
    } else {
      label.htmlFor = p.key;
      label.textContent = title(p.key);
      box.append(label, input, note);
    }
    return box;
  }
}
