// Imagery used before, newest first, kept by the browser.
const most = 12;

export const knownImagery = (): string[] => JSON.parse(localStorage.getItem('imagery') ?? '[]') as string[];

export function rememberImagery(uri: string): void {
  localStorage.setItem('imagery', JSON.stringify([uri, ...knownImagery().filter((u) => u !== uri)].slice(0, most)));
}
