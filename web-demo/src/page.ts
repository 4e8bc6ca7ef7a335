/** An element of index.html by its id; the ids asked for are all in it. */
export const $ = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
