// Files dropped anywhere on the page.
import { $ } from './page.ts';

/** Shows a hint while a file is held over the page, and hands over the first that is dropped. */
export function onFileDrop(take: (file: File) => void): void {
  let depth = 0;
  const hint = $('drop');
  window.addEventListener('dragenter', () => { depth += 1; hint.hidden = false; });
  window.addEventListener('dragleave', () => { depth -= 1; hint.hidden = depth > 0; });
  window.addEventListener('dragover', (e) => e.preventDefault());
  window.addEventListener('drop', (e) => {
    e.preventDefault();
    depth = 0;
    hint.hidden = true;
    const file = e.dataTransfer?.files[0];
    if (file) take(file);
  });
}
