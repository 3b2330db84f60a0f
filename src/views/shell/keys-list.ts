/** The keys that the list of shortcuts shows. */

/** A row of the list. */
export interface KeyRow {
  /** Keys as they are shown; two spaces part keys that belong together: `Alt ←  Alt →`. */
  readonly keys: string;
  readonly words: string;
}

/** Every key that the page knows, by the part of the page that must have the focus. */
export const keyGroups: readonly { readonly title: string; readonly rows: readonly KeyRow[] }[] = [
  {
    title: 'Everywhere',
    rows: [
      { keys: 'Ctrl K', words: 'Search operators and tensors; > goes on to commands' },
      { keys: 'Ctrl Shift P', words: 'Everything that can be done, by name' },
      { keys: 'Ctrl O', words: 'Open files' },
      { keys: 'Ctrl V', words: 'Open a copied file' },
      { keys: 'Ctrl Enter', words: 'Make variant' },
      { keys: 'G', words: 'Graph' },
      { keys: 'C', words: 'Compare' },
      { keys: 'E', words: 'Errors' },
      { keys: 'S', words: 'Search' },
      { keys: 'Alt ←  Alt →', words: 'Back and forward through selections and screens' },
      { keys: 'B', words: 'Bookmark what is selected' },
      { keys: 'I', words: 'Go to the inspector; Esc goes back' },
      { keys: 'Esc', words: 'Select nothing: show the model' },
      { keys: '?', words: 'This list' },
    ],
  },
  {
    title: 'Graph screen',
    rows: [
      { keys: 'O', words: 'Colour by the next figure' },
      { keys: 'N  P', words: 'Next and previous change, with two graphs side by side' },
    ],
  },
  {
    title: 'Graph',
    rows: [
      { keys: 'Arrow keys', words: 'Move to the next operator along the graph' },
      { keys: 'Enter', words: 'Centre the selection; open or close a group' },
      { keys: '[  ]', words: 'Close the group around the selection; open a group' },
      { keys: 'Shift C  Shift E', words: 'Close and open all groups' },
      { keys: '+  =  −', words: 'Zoom' },
      { keys: '1', words: 'Actual size' },
      { keys: 'F  0', words: 'Fit the whole graph' },
      { keys: 'Shift F', words: 'Fit the selection' },
      { keys: 'Shift Arrow keys', words: 'Move the picture' },
      { keys: 'D', words: 'Draw down or to the right' },
      { keys: 'Q', words: 'Fold and unfold QUANTIZE, DEQUANTIZE and the like' },
      { keys: 'T', words: 'Edges thicker for more bytes' },
      { keys: 'Esc', words: 'Select nothing: show the model' },
    ],
  },
  {
    title: 'Outline and table',
    rows: [
      { keys: 'Arrow keys', words: 'Walk; in the outline left and right close and open branches' },
      { keys: 'Home  End', words: 'First and last' },
      { keys: 'Letters', words: 'In the outline: go to what begins with them' },
      { keys: '*', words: 'In the outline: open all branches beside this one' },
      { keys: 'Enter', words: 'On an operator: go to the inspector; Esc goes back' },
    ],
  },
  {
    title: 'Panels',
    rows: [
      { keys: 'Arrow keys', words: 'On a grip: resize, with Shift in larger steps' },
      { keys: 'Enter', words: 'On a grip: fold and unfold' },
    ],
  },
];

/** A key press, as in `KeyboardEvent`; letters are lower case. */
export interface Press {
  readonly key: string;
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
}

const namedKeys: Readonly<Record<string, readonly string[]>> = {
  'Arrow keys': ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight'],
  Letters: [],
  Enter: ['Enter'],
  Home: ['Home'],
  End: ['End'],
  Esc: ['Escape'],
  '−': ['-'],
  '←': ['ArrowLeft'],
  '→': ['ArrowRight'],
};

/** The key presses that the keys of a row stand for; none for `Letters`. */
export function pressesOf({ keys }: KeyRow): Press[] {
  return keys.split('  ').flatMap((shown) => {
    const [, modifiers = '', name = ''] = /^((?:(?:Ctrl|Alt|Shift) )*)(.+)$/.exec(shown) ?? [];
    const has = (modifier: string) => modifiers.includes(modifier);
    return (namedKeys[name] ?? [name.toLowerCase()]).map((key) => ({
      key,
      ctrl: has('Ctrl'),
      alt: has('Alt'),
      shift: has('Shift'),
    }));
  });
}
