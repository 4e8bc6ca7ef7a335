// Model cards: what a catalogue has, and files a person opened.

import { openCatalog, type ModelClass, type Predictor } from '@fair-edge/web';
import { noteOf, thingsOf, type Item } from './model_card.ts';

export interface Card {
  id: string;
  title: string;
  note: string;
  classes: ModelClass[];
  /** Those of them that come out as features. */
  things: ModelClass[];
  item?: unknown;
  modelUrl?: string;
}

export async function cardsOf(predictor: Predictor, url: string): Promise<Card[]> {
  const catalog = await openCatalog(url);
  const there = new Set((await catalog.collections()).map((c) => c.id));
  const cards: Card[] = [];
  for (const collection of ['local-models', 'base-models'].filter((c) => there.has(c))) {
    for (const { id, title, item } of await catalog.items(collection)) {
      try {
        const described = await predictor.describeModel(item);
        const untrained = collection === 'base-models' && (item as Item).properties['mlm:pretrained'] === false ? 'untrained: finetune it first · ' : '';
        cards.push({ id, title: described.title || title, note: untrained + noteOf(item as Item), classes: described.classes, things: thingsOf(item as Item, described.classes), item });
      } catch (e) {
        console.warn(`${id} is left out: ${(e as Error).message}`);
      }
    }
  }
  return cards;
}

export function showCards(box: HTMLElement, cards: Card[], chosen: string | null, choose: (card: Card) => void): void {
  if (cards.length === 0) {
    box.textContent = 'No models here yet. Open a catalogue, or an ONNX file that fair exported.';
    return;
  }
  box.replaceChildren(
    ...cards.map((card) => {
      const label = document.createElement('label');
      label.className = 'model';
      const input = document.createElement('input');
      input.type = 'radio';
      input.name = 'model';
      input.className = 'visually-hidden';
      input.value = card.id;
      input.checked = card.id === chosen;
      input.addEventListener('change', () => choose(card));
      const name = document.createElement('strong');
      name.textContent = card.title;
      const note = document.createElement('small');
      note.textContent = card.note;
      const classes = document.createElement('div');
      classes.className = 'classes';
      for (const c of card.things) {
        const one = document.createElement('span');
        const swatch = document.createElement('i');
        swatch.style.background = c.color_hint ? `#${c.color_hint.replace(/^#/, '')}` : 'var(--accent)';
        one.append(swatch, c.name);
        classes.append(one);
      }
      label.append(input, name, note, classes);
      return label;
    }),
  );
}
