// Light and dark: the system's choice until a person makes one.

type Theme = 'light' | 'dark';

function apply(theme: Theme, button: HTMLElement): void {
  document.documentElement.dataset['theme'] = theme;
  button.textContent = theme === 'dark' ? '☀' : '☾';
  button.setAttribute('aria-label', theme === 'dark' ? 'Light colours' : 'Dark colours');
}

export function startTheme(button: HTMLElement): void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const current = (): Theme => (localStorage.getItem('theme') as Theme | null) ?? (system.matches ? 'dark' : 'light');
  apply(current(), button);
  system.addEventListener('change', () => apply(current(), button));
  button.addEventListener('click', () => {
    localStorage.setItem('theme', current() === 'dark' ? 'light' : 'dark');
    apply(current(), button);
  });
}
