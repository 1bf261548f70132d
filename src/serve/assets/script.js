// Makes pages that work without it nicer: results in a dialog, progress as it goes, no reload.
'use strict';

const REFRESH_AFTER_MS = 2000;
const numbers = new Intl.NumberFormat('fr-FR');
const dialog = document.getElementById('dialogue');
const content = document.getElementById('dialogue-contenu');

// The page as it is now, in place of the one shown; what was unfolded and focused stays so.
async function refresh() {
  const response = await fetch(location.href, { headers: { Accept: 'text/html' } });
  if (!response.ok || response.redirected) return location.reload();
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  const fresh = page.querySelector('main');
  const shown = document.querySelector('main');
  if (!fresh) return;
  for (const open of shown.querySelectorAll('details[open][id]')) {
    fresh.querySelector(`#${CSS.escape(open.id)}`)?.setAttribute('open', '');
  }
  const focused = shown.contains(document.activeElement) ? document.activeElement.id : '';
  shown.replaceChildren(...fresh.childNodes);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

function show(...nodes) {
  content.replaceChildren(...nodes);
  if (!dialog.open) dialog.showModal();
}

function heading(text) {
  const title = document.createElement('h1');
  title.id = 'resultat-titre';
  title.textContent = text;
  return title;
}

function waiting(button) {
  const name = button.dataset.connector;
  const progress = document.createElement('div');
  progress.className = 'progress';
  if (button.formAction.endsWith('/sync')) progress.dataset.progress = name;
  const bar = document.createElement('progress');
  bar.setAttribute('aria-label', `${button.dataset.doing} de ${name}`);
  const words = document.createElement('p');
  words.textContent = 'Un instant…';
  progress.append(bar, words);
  return [heading(`${button.dataset.doing} : ${name}`), progress];
}

// Sends the form as the browser would, and shows what the page that answers says.
async function act(form, button) {
  show(...waiting(button));
  button.disabled = true;
  try {
    const response = await fetch(button.formAction, {
      method: 'POST',
      body: new URLSearchParams(new FormData(form)),
      // The answer may take as long as the work (RFC 7240).
      headers: { Accept: 'text/html', Prefer: 'wait=86400' },
    });
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const result = page.getElementById('resultat');
    if (!result) return location.assign(response.url);
    show(...result.childNodes);
  } catch {
    const words = document.createElement('p');
    words.textContent = 'La réponse s’est perdue en chemin. Une synchronisation commencée continue : '
      + 'la page dira ce qu’elle a donné.';
    show(heading('Plus de nouvelles du serveur'), words);
  } finally {
    button.disabled = false;
  }
  setTimeout(refresh, REFRESH_AFTER_MS);
}

document.addEventListener('submit', (event) => {
  if (event.target.id !== 'actions' || !event.submitter) return;
  event.preventDefault();
  act(event.target, event.submitter);
});

// The fields follow the type of connector.
document.addEventListener('change', (event) => {
  if (event.target.id !== 'connector_type') return;
  for (const fieldset of document.querySelectorAll('fieldset[data-kind]')) {
    fieldset.hidden = fieldset.disabled = fieldset.dataset.kind !== event.target.value;
  }
});

function described({ unit, bytes, of_bytes: ofBytes, rows }) {
  if (!unit) return 'Synchronisation en cours…';
  const share = ofBytes > 0 ? `${Math.floor((bytes / ofBytes) * 100)} %, ` : '';
  return `${unit} : ${share}${numbers.format(rows)} lignes lues`;
}

function draw(syncs) {
  for (const sync of syncs) {
    for (const place of document.querySelectorAll(`[data-progress="${CSS.escape(sync.connector_name)}"]`)) {
      const bar = place.querySelector('progress');
      if (sync.of_bytes > 0) {
        bar.max = sync.of_bytes;
        bar.value = Math.min(sync.bytes, sync.of_bytes);
      } else {
        bar.removeAttribute('value');
      }
      place.querySelector('p').textContent = described(sync);
    }
  }
}

// What syncs do, whoever started them. The page is asked for again when one begins or ends.
function listen() {
  let before;
  const events = new EventSource('/connectors/api/events');
  events.addEventListener('pulse', (event) => {
    const pulse = JSON.parse(event.data);
    const now = JSON.stringify([pulse.last_run_id, pulse.syncing.map((sync) => sync.connector_name)]);
    if (before !== undefined && before !== now) refresh().then(() => draw(pulse.syncing));
    before = now;
    draw(pulse.syncing);
  });
  window.addEventListener('pagehide', () => events.close());
}

if (document.getElementById('actions')) listen();
// The address of a page that says « enregistré » says so once.
if (new URLSearchParams(location.search).has('enregistre')) history.replaceState(null, '', location.pathname);
