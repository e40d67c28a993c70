/**
 * Ant Design makes styles while the page runs. The content policy lets in those alone that carry the page's nonce, and
 * not all parts of it can be given one (the lock of scrolling under a dialog): so every style that a script makes gets it.
 * A style or script that was smuggled into the page as text has none.
 */
export function giveStylesNonce(): void {
  const nonce = document.querySelector<HTMLElement>('meta[property=csp-nonce]')?.nonce
  if (!nonce) return
  const create = document.createElement.bind(document)
  document.createElement = ((tag: string, options?: ElementCreationOptions) => {
    const element = create(tag, options)
    if (element instanceof HTMLStyleElement) element.nonce = nonce
    return element
  }) as typeof document.createElement
}
