// What HTML cannot do. Without scripts, everything but live updates works. Runs under a Content-Security-Policy
// without inline scripts, inline styles and eval.
(() => {
    'use strict';

    // htmx: keep new content live, move the focus, report failures.
    let settling;
    let next = () => null; // finds the element to focus
    const isPreview = (element) => element.matches('[data-preview]'); // fails silently: nothing was submitted
    document.addEventListener('htmx:beforeSwap', ({detail}) => {
        const {target, xhr, requestConfig} = detail;
        if (xhr.status >= 400 && isPreview(requestConfig.elt)) {
            detail.shouldSwap = false;
        } else if (target.id === 'main') {
            next = () => document.querySelector('[aria-invalid=true]');
        } else if (target.matches('.more')) {
            const last = target.previousElementSibling;
            next = () => last.nextElementSibling?.querySelector('a');
        }
    });
    document.addEventListener('htmx:afterSettle', () => { // fires once per new element
        clearTimeout(settling);
        settling = setTimeout(() => {
            times.tick();
            live.adapt();
            next()?.focus();
            next = () => null;
        });
    });
    // The response is lost if its target was replaced meanwhile; the address then determines what to show.
    document.addEventListener('htmx:pushedIntoHistory', () => live.adapt());
    for (const failure of ['htmx:sendError', 'htmx:timeout']) {
        document.addEventListener(failure, ({detail}) => {
            if (!isPreview(detail.elt)) {
                notes.toast('The server cannot be reached. Nothing was lost: try again.');
            }
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
            await navigator.clipboard.writeText(from.textContent); // available only over HTTPS and on localhost
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
