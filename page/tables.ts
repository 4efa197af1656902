/** Elements of the lists. Strings become text, never markup. */

export function link(text: string, act: () => void): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = text;
  button.addEventListener('click', act);
  return button;
}

export function note(text: string): HTMLParagraphElement {
  const paragraph = document.createElement('p');
  paragraph.textContent = text;
  return paragraph;
}

export function cell(content: string | Node): HTMLTableCellElement {
  const element = document.createElement('td');
  element.append(content);
  return element;
}

export function group(...content: (string | Node)[]): DocumentFragment {
  const fragment = document.createDocumentFragment();
  fragment.append(...content);
  return fragment;
}

export function table(headings: readonly string[], rows: readonly HTMLTableCellElement[][]): HTMLTableElement {
  const element = document.createElement('table');
  const head = element.createTHead().insertRow();
  for (const heading of headings) {
    const th = document.createElement('th');
    th.scope = 'col';
    th.textContent = heading;
    head.append(th);
  }
  const body = element.createTBody();
  for (const row of rows) body.insertRow().append(...row);
  return element;
}
