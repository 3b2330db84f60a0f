import { mount } from 'svelte';
import './app.css';
import App from './App.svelte';

const target = document.getElementById('app');
if (!target) throw new Error('The page has no element with the id "app".');
mount(App, { target });

/** The files for use without a network are fetched when the page has settled, so that they do not slow it down. */
const settledMs = 2000;

// In development the files change all the time, so they are kept in builds only.
if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  const register = () => {
    navigator.serviceWorker.register(new URL('sw.js', document.baseURI)).catch(() => undefined);
  };
  addEventListener('load', () => setTimeout(register, settledMs));
}
