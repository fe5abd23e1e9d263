// What is said to people, and what becomes of what they typed.
const notes = (() => {
    'use strict';

    const SIGNED_OUT = 'You are signed out. Sign in again elsewhere, then go on here.';
    let typed = false;
    document.addEventListener('input', (event) => (typed ||= event.target.form?.method === 'post'));

    // The page is no more what it was. What was typed stays, and what came of it, such as a password shown once.
    function anew(why) {
        if (typed) {
            toast(why);
        } else {
            location.reload();
        }
    }

    // However often its button is pressed, a form is sent once at a time, and not again while its answer leads elsewhere.
    document.addEventListener('htmx:confirm', (event) => {
        if (event.detail.verb === 'post' && event.detail.elt.classList.contains('htmx-request')) {
            event.preventDefault();
        }
    });

    function toast(text) {
        const box = document.createElement('div');
        box.className = 'toast bad';
        box.setAttribute('role', 'alert');
        const line = document.createElement('p');
        line.textContent = text;
        const button = document.createElement('button');
        button.className = 'quiet';
        button.dataset.dismiss = '';
        button.setAttribute('aria-label', 'Dismiss');
        button.textContent = '×';
        box.append(line, button);
        document.getElementById('toasts').append(box);
    }

    function tidy() {
        const said = new Set();
        for (const note of [...document.querySelectorAll('.toast')].reverse()) {
            if (said.has(note.textContent)) {
                note.remove(); // said again, at every key perhaps
            }
            said.add(note.textContent);
        }
        for (const note of document.querySelectorAll('.toast:not(.bad):not([data-timed])')) {
            note.dataset.timed = '';
            setTimeout(() => note.remove(), 8000);
        }
    }
    new MutationObserver(tidy).observe(document.getElementById('toasts'), {childList: true});
    tidy();
    if (location.search === '?saved') {
        history.replaceState(null, '', location.pathname); // said once
    }

    return {SIGNED_OUT, toast, anew};
})();
