// Makes pages that work without it nicer: results in a dialog, progress as it goes, no reload.
'use strict';

const REFRESH_AFTER_MS = 2000;
const LISTEN_AGAIN_AFTER_MS = 10000;
const AGES_AFTER_MS = 60000;
const numbers = new Intl.NumberFormat('fr-FR');
const dialog = document.getElementById('dialogue');
const content = document.getElementById('dialogue-contenu');

let opener;

// What an answer says. Its stylesheet is left out: it bears another page's mark, and this page has the same.
async function read(response) {
  const text = await response.text();
  return new DOMParser().parseFromString(text.replace(/<style[^]*?<\/style>/, ''), 'text/html');
}

// Where an element stands, to be found again in a page drawn anew: what it leads to, or its place.
function placeOf(element) {
  const leads = ['formaction', 'href'].find((name) => element.hasAttribute(name));
  if (leads) return { selector: `main [${leads}="${CSS.escape(element.getAttribute(leads))}"]` };
  const home = element.closest('[id]');
  return { id: home.id, at: [...home.querySelectorAll('*')].indexOf(element) };
}

function focusOn({ selector, id, at }) {
  const home = selector ? document.querySelector(selector) : document.getElementById(id);
  (selector || at < 0 ? home : home?.querySelectorAll('*')[at])?.focus({ preventScroll: true });
}

// The page as it is now, in place of the one shown; what was unfolded and focused stays so.
async function refresh() {
  const response = await fetch(location.href, { headers: { Accept: 'text/html' } }).catch(() => undefined);
  // To log in again, or to be told that it is gone. What only fails for now is asked for again.
  if (response && (response.redirected || [401, 404].includes(response.status))) return location.reload();
  if (!response?.ok) return;
  const fresh = (await read(response)).querySelector('main');
  const shown = document.querySelector('main');
  if (!fresh) return;
  // Read without scripts, what is for those who have none would come to life.
  for (const one of fresh.querySelectorAll('noscript')) one.remove();
  for (const open of shown.querySelectorAll('details[open][id]')) {
    fresh.querySelector(`#${CSS.escape(open.id)}`)?.setAttribute('open', '');
  }
  // So does what was typed or chosen, and not sent yet.
  for (const field of shown.querySelectorAll('input[id], select[id]')) {
    const same = fresh.querySelector(`#${CSS.escape(field.id)}`);
    if (same) [same.value, same.checked] = [field.value, field.checked];
  }
  const place = shown.contains(document.activeElement) && placeOf(document.activeElement);
  shown.replaceChildren(...fresh.childNodes);
  if (place) focusOn(place);
}

function heading(text) {
  const title = document.createElement('h1');
  title.id = 'resultat-titre';
  title.textContent = text;
  return title;
}

// What a button asks, of which connector.
function asked(button) {
  const [name, ...rest] = new URL(button.formAction).pathname.split('/').slice(2);
  return { name: name === 'new' ? button.form.elements.connector_name.value : name, action: rest.pop() };
}

function waiting(button) {
  const { name, action } = asked(button);
  const isSync = action === 'sync';
  const doing = isSync ? 'Synchronisation en cours' : 'Test en cours';
  const progress = document.createElement('div');
  progress.className = 'progress';
  // Twice a second would be too much to listen to.
  progress.setAttribute('aria-live', 'off');
  if (isSync) progress.dataset.progress = name;
  const bar = document.createElement('progress');
  bar.setAttribute('aria-label', `${doing} de ${name}`);
  const words = document.createElement('p');
  words.textContent = 'Un instant…';
  progress.append(bar, words);
  if (isSync) {
    const stop = document.createElement('button');
    stop.formAction = `/connectors/${name}/stop`;
    stop.textContent = 'Arrêter';
    stop.setAttribute('form', 'actions');
    progress.append(stop);
  }
  return [heading(`${doing} : ${name}`), progress];
}

// Sends the form as the browser would, and shows what the page that answers says, unless the dialog was closed.
async function act(form, button) {
  const data = new URLSearchParams(new FormData(form));
  const waited = waiting(button);
  const show = (...nodes) => dialog.open && waited[0].isConnected && content.replaceChildren(...nodes);
  content.replaceChildren(...waited);
  if (!dialog.open) {
    opener = placeOf(button);
    dialog.showModal();
  }
  try {
    const response = await fetch(button.formAction, {
      method: 'POST',
      body: data,
      // The answer may take as long as the work (RFC 7240).
      headers: { Accept: 'text/html', Prefer: 'wait=86400' },
    });
    const result = (await read(response)).getElementById('resultat');
    // A relay lost patience, or the session is over: the page that is asked for again will tell.
    if (!result) throw new Error('no result');
    show(...result.childNodes);
  } catch {
    const words = document.createElement('p');
    words.textContent = 'La réponse s’est perdue en chemin. Une synchronisation commencée continue : '
      + 'la page dira ce qu’elle a donné.';
    show(heading('Plus de nouvelles du serveur'), words);
  }
  if (document.getElementById('actions')) setTimeout(refresh, REFRESH_AFTER_MS);
}

// What is wrong must be seen, also where it is folded away.
document.addEventListener('invalid', (event) => {
  const folded = event.target.closest('details:not([open])');
  if (!folded) return;
  folded.open = true;
  event.preventDefault();
  const first = event.target.form.querySelector('input:invalid, select:invalid');
  if (first !== event.target) return;
  // What is not drawn yet cannot be focused.
  const report = (tries) => {
    first.reportValidity();
    if (tries && document.activeElement !== first) setTimeout(report, 50, tries - 1);
  };
  setTimeout(report, 0, 20);
}, true);

// The button that opened it may be another by now.
dialog?.addEventListener('close', () => focusOn(opener));

// Asks a sync to stop. What became of it comes as its own answer, or with the page.
async function stop(form, button) {
  button.disabled = true;
  const body = new URLSearchParams(new FormData(form));
  const response = await fetch(button.formAction, { method: 'POST', body, headers: { Accept: 'application/json' } })
    .catch(() => undefined);
  if (!response?.ok) button.disabled = false;
  refresh();
}

document.addEventListener('submit', (event) => {
  const { target: form, submitter: button } = event;
  const action = button && form.matches('.actions') && asked(button).action;
  if (!['test', 'sync', 'stop'].includes(action)) return;
  event.preventDefault();
  (action === 'stop' ? stop : act)(form, button);
});

// The fields follow the type of connector.
document.addEventListener('change', (event) => {
  if (event.target.id !== 'connector_type') return;
  for (const fieldset of document.querySelectorAll('fieldset[data-kind]')) {
    fieldset.hidden = fieldset.disabled = fieldset.dataset.kind !== event.target.value;
  }
});

// The share is of all files together.
function described({ label, unit, run_bytes: bytes, run_of_bytes: ofBytes, rows }) {
  const share = ofBytes > 0 ? `${Math.floor((bytes / ofBytes) * 100)} %` : '';
  if (!unit) return share ? `Synchronisation en cours : ${share}` : 'Synchronisation en cours…';
  const read = `${numbers.format(rows)} ${rows < 2 ? 'ligne lue' : 'lignes lues'}`;
  return `${label} (${unit}) : ${share ? `${share}, ` : ''}${read}`;
}

function draw(syncs) {
  for (const sync of syncs) {
    for (const place of document.querySelectorAll(`[data-progress="${CSS.escape(sync.connector_name)}"]`)) {
      const bar = place.querySelector('progress');
      if (sync.run_of_bytes > 0) {
        bar.max = sync.run_of_bytes;
        bar.value = sync.run_bytes;
      } else {
        bar.removeAttribute('value');
      }
      place.querySelector('p').textContent = described(sync);
    }
  }
}

// Whether the page was drawn before one of these syncs began, or after one that is over.
function isBehind(syncs) {
  const names = new Set([...document.querySelectorAll('main [formaction$="/sync"]')].map((button) => asked(button).name));
  const under = syncs.map((sync) => sync.connector_name).filter((name) => names.has(name));
  const drawn = [...document.querySelectorAll('main [data-progress]')].map((place) => place.dataset.progress);
  return under.sort().join() !== drawn.sort().join();
}

// Progress of syncs of all processes. The page is reloaded when one begins or ends, until it shows the same.
function listen() {
  let before;
  let syncs = [];
  let again;
  let events;
  const catchUp = async () => {
    await refresh();
    draw(syncs);
    clearTimeout(again);
    if (isBehind(syncs)) again = setTimeout(catchUp, REFRESH_AFTER_MS);
  };
  const hear = (event) => {
    const pulse = JSON.parse(event.data);
    syncs = pulse.syncing;
    const now = JSON.stringify([pulse.last_run_id, syncs.map((sync) => sync.connector_name)]);
    if (before === undefined ? isBehind(syncs) : before !== now) catchUp();
    before = now;
    draw(syncs);
  };
  // A hidden page keeps no stream open: a browser has six connections to a server for all its pages.
  const open = () => {
    if (document.hidden) return;
    events?.close();
    events = new EventSource('/connectors/api/events');
    events.addEventListener('pulse', hear);
    // What was refused is not asked for again by itself.
    events.addEventListener('error', () => {
      if (events.readyState === EventSource.CLOSED) setTimeout(() => refresh().then(open), LISTEN_AGAIN_AFTER_MS);
    });
  };
  document.addEventListener('visibilitychange', () => (document.hidden ? events?.close() : catchUp().then(open)));
  // Ages grow without an event.
  setInterval(() => document.hidden || dialog.open || refresh(), AGES_AFTER_MS);
  window.addEventListener('pagehide', () => events?.close());
  window.addEventListener('pageshow', (event) => event.persisted && catchUp().then(open));
  open();
}

if (document.getElementById('actions')) listen();
// The address of a page that says « enregistré » says so once.
if (/[?&](enregistre|modifie|retire)=/.test(location.search)) history.replaceState(null, '', location.pathname);
