/** Prints a picture instead of the page. */

/** Puts an SVG over the page while it is printed (`app.css` hides the rest); then what had the focus has it again. */
export function printPicture(source: string): void {
  const picture = document.importNode(
    new DOMParser().parseFromString(source, 'image/svg+xml').documentElement,
    true,
  );
  // The whole picture goes onto one sheet.
  picture.removeAttribute('width');
  picture.removeAttribute('height');
  const sheet = document.createElement('div');
  sheet.className = 'print-sheet';
  sheet.append(picture);
  document.body.append(sheet);
  const { activeElement } = document;
  const printed = (): void => {
    sheet.remove();
    if (activeElement instanceof HTMLElement) activeElement.focus({ preventScroll: true });
  };
  addEventListener('afterprint', printed, { once: true });
  print();
}
