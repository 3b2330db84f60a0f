/** The commands of the whole page; parts of it add their own (`Commands`). */
import { presetNames } from '../../core/optimize/presets';
import type { ParseClient } from '../../rpc/parse';
import { copyLink } from '../../state/address.svelte';
import { bookmarkPlace } from '../../state/bookmarking';
import type { Command } from '../../state/commands.svelte';
import { Variant } from '../../state/models.svelte';
import { openSample } from '../../state/opening';
import { screens, type Screen, type Workbench } from '../../state/workbench.svelte';
import { saveModel, saveRecipe } from '../models/save';
import { closeModel, showScreen, travel } from '../shell/focus';
import { digits, others } from '../start/samples';

/** What only the page itself can do. */
export interface PageActions {
  readonly search: () => void;
  readonly openFiles: () => void;
  readonly help: () => void;
  readonly graph: () => void;
  readonly inspector: () => void;
}

const screenWords: Readonly<Record<Screen, { title: string; keys: string }>> = {
  graph: { title: 'Show the graph', keys: 'G' },
  compare: { title: 'Compare models', keys: 'C' },
  errors: { title: 'Show errors', keys: 'E' },
  search: { title: 'Search for a mixed model', keys: 'S' },
};

/** Commands that can be given now. What is left out has nothing to act on. */
export function pageCommands(
  workbench: Workbench,
  parse: Pick<ParseClient, 'operator' | 'tensor'>,
  actions: PageActions,
): Command[] {
  const { workspace, active } = workbench;
  return [
    ...(active ? goCommands(workbench, actions) : []),
    ...(active ? placeCommands(workbench, parse) : []),
    ...modelCommands(workbench, actions),
    ...shrinkCommands(workbench),
    ...(workspace.isEmpty ? [] : [{ title: 'Close all', group: 'Models', run: () => workbench.closeAll() }]),
    ...pageSettings(workbench, actions),
  ];
}

function goCommands(workbench: Workbench, actions: PageActions): Command[] {
  const { history, active, subgraph } = workbench;
  const group = 'Go';
  const subgraphs = active?.summary.subgraphs ?? [];
  return [
    { title: 'Search operators and tensors', group, keys: 'Ctrl K', run: actions.search },
    ...screens.map((screen) => ({ ...screenWords[screen], group, run: () => showScreen(workbench, screen) })),
    ...(history.canGoBack
      ? [{ title: 'Back', group, keys: 'Alt ←', run: () => travel(workbench, 'back') }]
      : []),
    ...(history.canGoForward
      ? [{ title: 'Forward', group, keys: 'Alt →', run: () => travel(workbench, 'forward') }]
      : []),
    { title: 'Focus the graph', group, run: actions.graph },
    { title: 'Focus the inspector', group, keys: 'I', run: actions.inspector },
    ...(workbench.selection
      ? [{ title: 'Select nothing', group, keys: 'Esc', run: () => workbench.select(null) }]
      : []),
    ...subgraphs.flatMap(({ name }, i) =>
      i === subgraph
        ? []
        : [
            {
              title: `Show subgraph ${i}: ${name ?? (i === 0 ? 'main' : 'unnamed')}`,
              group,
              run: () => workbench.showSubgraph(i),
            },
          ],
    ),
  ];
}

function placeCommands(workbench: Workbench, parse: Pick<ParseClient, 'operator' | 'tensor'>): Command[] {
  const { bookmarks } = workbench.workspace;
  const group = 'Bookmarks';
  return [
    { title: 'Bookmark this place', group, keys: 'B', run: () => void bookmarkPlace(workbench, parse) },
    { title: 'Copy link to selection', group, run: () => void copyLink(workbench) },
    ...bookmarks.list.map((bookmark) => ({
      title: `Go to ${bookmark.name}`,
      group,
      run: () => workbench.goTo(bookmark, 'graph'),
    })),
  ];
}

function modelCommands(workbench: Workbench, actions: PageActions): Command[] {
  const { workspace, active } = workbench;
  const group = 'Models';
  const original = active && workspace.originalOf(active);
  return [
    { title: 'Open files', group, keys: 'Ctrl O', run: actions.openFiles },
    ...(workspace.isEmpty
      ? [digits, ...others].map((sample) => ({
          title: `Open the sample ${sample.title}`,
          group,
          run: () => void openSample(workbench, sample),
        }))
      : []),
    ...workspace.models
      .filter((model) => model !== active)
      .map((model) => ({ title: `Show ${model.title}`, group, run: () => workbench.activate(model.id) })),
    ...(active && original
      ? [
          {
            title: `Measure ${active.title}`,
            group,
            run: () => void workbench.measure(active === original ? [active.id] : [original.id, active.id]),
          },
          { title: `Save ${active.title} as .tflite`, group, run: () => saveModel(active, original) },
          ...(active instanceof Variant ? variantCommands(workbench, active) : []),
          { title: `Close ${active.title}`, group, run: () => void closeModel(workbench, active.id) },
        ]
      : []),
  ];
}

function variantCommands(workbench: Workbench, variant: Variant): Command[] {
  const group = 'Models';
  return [
    { title: `What was done to make ${variant.title}`, group, run: () => workbench.showReport(variant.id) },
    {
      title: `Find errors of ${variant.title}`,
      group,
      run: () => {
        showScreen(workbench, 'errors');
        if (!variant.debugged) void workbench.debug(variant);
      },
    },
    {
      title: `Use the recipe of ${variant.title}`,
      group,
      run: () => workbench.draft.useRecipe(variant.asked),
    },
  ];
}

function shrinkCommands(workbench: Workbench): Command[] {
  const { draft, base } = workbench;
  const group = 'Shrink';
  return [
    ...(base
      ? [
          {
            title: `Make variant (${draft.name})`,
            group,
            keys: 'Ctrl Enter',
            run: () => void workbench.makeVariant(),
          },
        ]
      : []),
    ...presetNames
      .filter((name) => name !== draft.preset)
      .map((name) => ({ title: `Use preset ${name}`, group, run: () => draft.usePreset(name) })),
    { title: `Save the recipe ${draft.name}`, group, run: () => saveRecipe(draft.recipe) },
  ];
}

function pageSettings(workbench: Workbench, actions: PageActions): Command[] {
  const { settings } = workbench;
  const group = 'Page';
  const panels = [
    { panel: 'left', words: 'the models' },
    { panel: 'right', words: 'the inspector' },
    { panel: 'dock', words: 'Shrink' },
  ] as const;
  return [
    {
      title: settings.scheme === 'dark' ? 'Light colours' : 'Dark colours',
      group,
      run: () => settings.toggleTheme(),
    },
    ...panels.map(({ panel, words }) => {
      const isFolded = settings.isFolded(panel);
      return {
        title: `${isFolded ? 'Show' : 'Hide'} ${words}`,
        group,
        run: () => settings.fold(panel, !isFolded),
      };
    }),
    { title: 'Keyboard shortcuts', group, keys: '?', run: actions.help },
  ];
}
