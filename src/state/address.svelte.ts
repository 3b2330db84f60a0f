/** The address of the page says what is selected, and a link selects it. */
import { untrack } from 'svelte';
import { plural } from '../core/format';
import type { Place } from './history.svelte';
import { formatLink, isLinkLike, type Link, parseLink } from './link';
import type { OpenModel } from './models.svelte';
import type { Workbench } from './workbench.svelte';

/** The hash that leads to what is shown; null while no model is open. */
export function currentLink({ workspace, active, subgraph, selection }: Workbench): string | null {
  if (!active) return null;
  const isFound = modelOf(workspace.models, active.title.toWellFormed()) === active;
  return formatLink({ model: isFound ? active.title : active.name, subgraph, selection });
}

/** The model of a link: names are each model's own, of equal titles the first counts. */
function modelOf(models: readonly OpenModel[], wanted: string): OpenModel | null {
  return (
    models.find(({ name }) => name.toWellFormed() === wanted) ??
    models.find(({ title }) => title.toWellFormed() === wanted) ??
    null
  );
}

/** Puts a link into the address, or (null) takes away the one that is there. */
function showLink(hash: string | null): void {
  if (hash === null ? !isLinkLike(location.hash) : location.hash === hash) return;
  const address = hash ?? location.pathname + location.search;
  globalThis.history.replaceState(globalThis.history.state, '', address);
}

/** Goes where a link leads in a model that is open; tells where there is no such operator, tensor or subgraph. */
function follow(workbench: Workbench, model: OpenModel, { subgraph, selection }: Link): void {
  const found = model.summary.subgraphs[subgraph];
  const count = selection?.kind === 'operator' ? found?.operatorCount : found?.tensorCount;
  if (!found || (selection && selection.index >= (count ?? 0))) {
    workbench.goTo({ modelId: model.id, subgraph: 0, selection: null });
    workbench.notices.add(
      'warn',
      'The link leads to nothing here.',
      selection && found
        ? `It asks for ${selection.kind} ${selection.index}; ${model.title} has ${plural(count ?? 0, selection.kind)}. The file may have changed since.`
        : `It asks for subgraph ${subgraph}; ${model.title} has ${model.summary.subgraphs.length}.`,
    );
    return;
  }
  workbench.goTo({ modelId: model.id, subgraph, selection }, selection ? 'graph' : workbench.screen);
}

/** Longer hashes are told by their beginning. */
const longestTold = 120;

/**
 * Follows the link in the address as soon as its model is open, tells when it is not or when the link cannot be read, and
 * from then on keeps the address on what is selected. To be called while a component is being set up.
 */
export function keepAddress(workbench: Workbench): void {
  const { workspace, notices, history } = workbench;
  let wanted = $state.raw<Link | null>(parseLink(location.hash));
  /** Where the user was when told that the model of the link is not open; undefined: not told yet. */
  let toldAt = $state.raw<Place | null | undefined>(undefined);
  /** The notice that tells it; null once it is answered. */
  let told: number | null = null;

  function takeBack(): void {
    if (told !== null) notices.dismiss(told);
    told = null;
  }

  function tellIfBroken(): void {
    const { hash } = location;
    if (!isLinkLike(hash) || parseLink(hash)) return;
    wanted = null;
    notices.add(
      'warn',
      'The link cannot be read.',
      `It is ${hash.length > longestTold ? `${hash.slice(0, longestTold)}…` : hash}, but should be like #/model/0/operator/3.`,
    );
    showLink(currentLink(workbench));
  }

  $effect(() => {
    const changed = () => {
      tellIfBroken();
      const link = parseLink(location.hash);
      if (!link) return;
      wanted = link;
      toldAt = undefined;
      takeBack();
    };
    untrack(tellIfBroken);
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  });

  $effect(() => {
    const link = wanted;
    if (!link) return;
    const model = modelOf(workspace.models, link.model);
    const isSettled = workspace.restoring?.length === 0;
    untrack(() => {
      if (model) {
        wanted = null;
        takeBack();
        follow(workbench, model, link);
      } else if (isSettled && toldAt === undefined) {
        toldAt = history.place;
        told = notices.add(
          'warn',
          `${link.model} is not open.`,
          'The link leads into this model. Open its file to get there.',
        );
      }
    });
  });

  $effect(() => {
    const hash = currentLink(workbench);
    // A link that waits for its model stays in the address until the user goes elsewhere.
    if (wanted && (toldAt === undefined || toldAt === history.place)) return;
    showLink(hash);
  });
}

/** Puts a link to what is selected on the clipboard. */
export async function copyLink(workbench: Workbench): Promise<void> {
  const hash = currentLink(workbench);
  if (hash === null) return;
  const { notices } = workbench;
  const link = location.href.replace(/#.*$/, '') + hash;
  try {
    await navigator.clipboard.writeText(link);
    notices.announce('Copied the link.');
  } catch {
    notices.add('warn', 'The browser did not allow copying.', `The link is ${link}`);
  }
}
