// Toasts, and protection of form input.
const notes = (() => {
    'use strict';

    const SIGNED_OUT = 'You are signed out. Sign in in another tab, then continue here.';
    let typed = false;
    document.addEventListener('input', (event) => (typed ||= event.target.form?.method === 'post'));

    // The page is out of date: reloads it, unless that would lose form input, or its result, such as a password shown once.
    function reload(reason) {
        if (typed) {
            toast(reason);
        } else {
            location.reload();
        }
    }

    // Ignores further clicks while a form is being sent, and while its response leads to another page.
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
        const texts = new Set();
        for (const note of [...document.querySelectorAll('.toast')].reverse()) {
            const text = note.querySelector('p').textContent.trim();
            if (texts.has(text)) {
                note.remove(); // a duplicate: the same error may follow every keystroke, or from the page and its form
            }
            texts.add(text);
        }
        for (const note of document.querySelectorAll('.toast:not(.bad):not([data-timed])')) {
            note.dataset.timed = '';
            setTimeout(() => note.remove(), 8000);
        }
    }
    new MutationObserver(tidy).observe(document.getElementById('toasts'), {childList: true});
    tidy();
    if (location.search === '?saved') {
        history.replaceState(null, '', location.pathname); // no toast again after a reload
    }

    return {SIGNED_OUT, toast, reload};
})();
