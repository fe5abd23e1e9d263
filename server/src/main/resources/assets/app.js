// The few things that HTML cannot do. Everything works without the pages' scripts but what they do by themselves. They run
// under a policy without inline scripts, styles or eval.
(() => {
    'use strict';

    // htmx: what it put in is to be kept live, and what it could not do is to be said.
    let settling;
    let next = () => null; // finds who is to have the focus now
    document.addEventListener('htmx:beforeSwap', ({detail: {target}}) => {
        if (target.id === 'main') {
            next = () => document.querySelector('[aria-invalid=true]');
        } else if (target.matches('.more')) {
            const last = target.previousElementSibling;
            next = () => last.nextElementSibling?.querySelector('a');
        }
    });
    document.addEventListener('htmx:afterSettle', () => { // once for each element that is new
        clearTimeout(settling);
        settling = setTimeout(() => {
            times.tick();
            live.adapt();
            next()?.focus();
            next = () => null;
        });
    });
    // An answer finds no place if its piece was renewed meanwhile: then the address alone says what is to be shown.
    document.addEventListener('htmx:pushedIntoHistory', () => live.adapt());
    for (const failure of ['htmx:sendError', 'htmx:timeout']) {
        document.addEventListener(failure, () => {
            notes.toast('The server cannot be reached. Nothing was lost: try again.');
        });
    }

    document.addEventListener('click', (event) => {
        const button = event.target.closest('button, [data-fill]');
        if (!button) {
            return;
        }
        if ('dismiss' in button.dataset) {
            button.closest('.toast').remove();
        } else if (button.dataset.copy) {
            copy(document.getElementById(button.dataset.copy), button);
        } else if (button.dataset.fill) {
            const field = document.getElementById(button.dataset.fill);
            field.value = button.dataset.value;
            field.dispatchEvent(new Event('input', {bubbles: true}));
            field.focus();
        }
    });

    async function copy(from, button) {
        try {
            await navigator.clipboard.writeText(from.textContent); // only over HTTPS and on localhost
        } catch {
            getSelection().selectAllChildren(from);
            document.execCommand('copy');
        }
        const label = button.textContent;
        button.textContent = 'Copied';
        setTimeout(() => (button.textContent = label), 1500);
    }

    const log = document.querySelector('[data-tail]');
    const follow = document.getElementById('follow');
    if (log && follow) {
        const toEnd = () => (log.scrollTop = log.scrollHeight);
        toEnd();
        log.addEventListener('scroll', () => {
            follow.checked = log.scrollTop + log.clientHeight >= log.scrollHeight - 24;
        });
        follow.addEventListener('change', () => follow.checked && toEnd());
    }
})();
