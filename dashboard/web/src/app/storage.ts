// Small things a browser remembers; a browser that refuses remembers nothing.

export function recall(key: string): string | null {
  try {
    return window.localStorage.getItem(`threerings.${key}`)
  } catch {
    return null
  }
}

export function remember(key: string, value: string): void {
  try {
    window.localStorage.setItem(`threerings.${key}`, value)
  } catch {
    // Private windows may refuse; the choice then lasts as long as the page.
  }
}
