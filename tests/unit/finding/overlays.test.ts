import { describe, expect, it } from 'vitest';
import { Overlays } from '../../../src/state/overlays.svelte';
import { type KeptOverlay, readSettings } from '../../../src/state/settings.svelte';

function settingsWith(overlay: KeptOverlay) {
  const kept = { overlay, colourBy: (wanted: KeptOverlay) => void (kept.overlay = wanted) };
  return kept;
}

describe('what colours the graph', () => {
  it('is kept for the next visit where that can show it', () => {
    const settings = settingsWith('macs');
    const overlays = new Overlays(settings);
    expect(overlays.choice).toBe('macs');
    overlays.choose('bytes');
    expect(settings.overlay).toBe('bytes');
    overlays.cycle(['none', 'bytes', 'dtype']);
    expect(settings.overlay).toBe('dtype');
    // A second model and imported figures are gone after a reload.
    overlays.choose('change');
    expect(overlays.choice).toBe('change');
    expect(settings.overlay).toBe('none');
    overlays.choose('macs');
    overlays.add([{ name: 'times' } as never]);
    expect(overlays.choice).toBe('data 0');
    expect(settings.overlay).toBe('none');
    overlays.remove(0);
    expect(overlays.choice).toBe('none');
  });

  it('is read back only where it is known', () => {
    expect(readSettings('{"overlay":"dtype"}').overlay).toBe('dtype');
    for (const text of ['{"overlay":"change"}', '{"overlay":7}', '{}', 'x'])
      expect(readSettings(text).overlay).toBe('none');
  });
});
