import { mount } from 'svelte';
import './app.css';
import App from './App.svelte';

const target = document.getElementById('app');
if (!target) throw new Error('The page has no element with the id "app".');
mount(App, { target });

// The page's own files are kept for use without a network; in development they change all the time.
if (import.meta.env.PROD && 'serviceWorker' in navigator)
  navigator.serviceWorker.register(new URL('sw.js', document.baseURI)).catch(() => undefined);
