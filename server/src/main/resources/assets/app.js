// What pages do by themselves: stay true while they are open, and a few things that HTML cannot. Everything works
// without it but the live part. Runs under a policy without inline scripts, styles or eval.
(() => {
    'use strict';

    const root = document.documentElement;
    const skew = Number(root.dataset.now) - Date.now(); // of the server's clock to ours

    // --- Times -------------------------------------------------------------------------------------------------------

    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (zone && zone !== root.dataset.zone) {
        const had = document.cookie;
        document.cookie = `rf_zone=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=strict`;
        if (document.cookie !== had && document.querySelector('main time')) {
            location.reload(); // the times on it are by another clock
        }
    }

    // The same words as Viewer on the server.
    const words = {
        ago(at) {
            const span = spanOf(Math.trunc((Date.now() + skew - at) / 1000));
            return span === '' ? 'just now' : `${span} ago`;
        },
        until(at) {
            const span = spanOf(Math.trunc((at - Date.now() - skew) / 1000));
            return span === '' ? 'now' : `in ${span}`;
        },
    };

    function spanOf(seconds) {
        if (seconds < 45) {
            return '';
        }
        const minutes = Math.max(1, Math.round(seconds / 60));
        if (minutes < 60) {
            return `${minutes} min`;
        }
        const hours = Math.round(seconds / 3600);
        return hours < 48 ? `${hours} h` : `${Math.round(seconds / 86400)} days`;
    }

    function tick() {
        for (const time of document.querySelectorAll('time[data-words]')) {
            const now = words[time.dataset.words](Date.parse(time.dateTime));
            if (time.textContent !== now) {
                time.textContent = now;
            }
        }
    }
    tick();
    setInterval(tick, 10000);

    // --- What is typed -----------------------------------------------------------------------------------------------

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

    // --- Live --------------------------------------------------------------------------------------------------------

    // A browser opens six connections to a server, over all tabs. So only tabs that are seen have a stream, and of many
    // windows side by side only three: the others ask every few seconds.
    const slots = {
        me: String(Math.random()),
        most: 3,
        stale: 15000,
        read() {
            try {
                const all = JSON.parse(localStorage.getItem('rf-live') || '{}');
                return Object.fromEntries(Object.entries(all).filter(([, at]) => Date.now() - at < this.stale));
            } catch {
                return {};
            }
        },
        write(all) {
            try {
                localStorage.setItem('rf-live', JSON.stringify(all));
            } catch {
                // without storage, each tab has its stream
            }
        },
        take() {
            const all = this.read();
            if (!(this.me in all) && Object.keys(all).length >= this.most) {
                return false;
            }
            all[this.me] = Date.now();
            this.write(all);
            return true;
        },
        release() {
            const all = this.read();
            delete all[this.me];
            this.write(all);
        },
    };

    const live = {
        source: null,
        stale: new Set(),
        fetching: false,
        patience: 20000, // a stream says something every 10 s
        heard: Date.now(),
        tried: Date.now(),
        ids: '',

        // What is to be kept true: everything, but of very many cards those near what is seen.
        pieces() {
            const all = [...document.querySelectorAll('[data-v]')];
            const cards = all.filter((piece) => piece.parentElement.closest('[data-v]'));
            const away = new Map(cards.map((card) => [card, Math.abs(card.getBoundingClientRect().top - innerHeight / 2)]));
            const far = new Set(cards.sort((a, b) => away.get(a) - away.get(b)).slice(150));
            return all.filter((piece) => !far.has(piece)).map((piece) => piece.id);
        },

        url(parameters) {
            const elsewhere = document.querySelector('[data-live]');
            const url = new URL(elsewhere ? elsewhere.dataset.live : location.href, location.href);
            url.hash = '';
            for (const [name, value] of Object.entries(parameters)) {
                url.searchParams.set(name, value);
            }
            return url;
        },

        // Opens another stream if there is something else to be kept true.
        adapt() {
            if (this.pieces().join('.') + location.search !== this.ids) {
                this.open();
            }
        },

        open() {
            this.close();
            this.tried = Date.now();
            const ids = this.pieces().join('.');
            this.ids = ids + location.search;
            if (document.hidden || ids === '') {
                return;
            }
            const parameters = {_live: ids};
            const tail = document.querySelector('[data-tail]');
            if (tail) {
                parameters._after = tail.dataset.tail;
            }
            if (!slots.take()) {
                parameters._brief = '1';
            }
            this.source = new EventSource(this.url(parameters));
            this.source.addEventListener('versions', (event) => this.versions(JSON.parse(event.data)));
            this.source.addEventListener('alive', () => this.isHeard());
            this.source.addEventListener('tail', (event) => this.tail(event.lastEventId, ...JSON.parse(event.data)));
            this.source.addEventListener('gone', (event) => this.gone(JSON.parse(event.data).detail));
            this.source.onopen = () => this.isHeard();
            this.source.onerror = () => this.failed();
        },

        close() {
            if (this.source) {
                this.source.close();
                this.source = null;
            }
            slots.release();
        },

        gone(why) {
            this.close();
            anew(why);
        },

        isHeard() {
            this.heard = Date.now();
            const note = document.getElementById('stale');
            if (note) {
                note.hidden = true;
            }
        },

        // Streams end every minute and come back by themselves. One that was refused does not.
        failed() {
            if (this.source && this.source.readyState === EventSource.CLOSED) {
                this.source = null;
                fetch('/api/me').then((answer) => {
                    if (answer.status === 401) {
                        anew(SIGNED_OUT);
                    }
                }).catch(() => {});
                setTimeout(() => this.source || this.open(), 5000);
            }
        },

        // A network that swallows everything leaves a stream open for many minutes.
        check() {
            if (this.source && this.source.readyState === EventSource.OPEN) {
                slots.take();
            }
            const note = document.getElementById('stale');
            const listens = !document.hidden && this.pieces().length > 0;
            if (note && listens && Date.now() - this.heard > this.patience) {
                note.hidden = false;
                if (Date.now() - this.tried > this.patience) {
                    this.open();
                }
            }
        },

        versions(news) {
            this.isHeard();
            for (const [id, version] of Object.entries(news)) {
                const shown = document.getElementById(id);
                if (shown && version === '') {
                    shown.remove();
                } else if (shown && shown.dataset.v !== version) {
                    this.stale.add(id);
                }
            }
            this.refresh();
        },

        async refresh() {
            if (this.fetching || this.stale.size === 0) {
                return;
            }
            this.fetching = true;
            const wanted = [...this.stale];
            this.stale.clear();
            try {
                const called = document.querySelectorAll('#hosts > [data-v]').length; // those that were added stay
                const answer = await fetch(this.url({_pieces: wanted.join('.'), _called: called}));
                if (answer.ok) {
                    this.replace(await answer.text());
                } else if (answer.status === 401) {
                    anew(SIGNED_OUT);
                } else if (answer.status === 404) {
                    this.gone('What this page shows is no more.');
                }
            } catch {
                // the stream will fail too, and come back
            } finally {
                this.fetching = false;
                this.refresh();
            }
        },

        replace(html) {
            const fresh = document.createElement('template');
            fresh.innerHTML = html;
            for (const piece of [...fresh.content.children]) {
                const shown = document.getElementById(piece.id);
                if (!shown) {
                    continue;
                }
                const focused = shown.contains(document.activeElement) ? document.activeElement : null;
                shown.replaceWith(piece);
                htmx.process(piece);
                if (focused) {
                    this.heir(piece, focused)?.focus({preventScroll: true});
                }
            }
            tick();
            badge();
            this.adapt();
        },

        // What takes the focus of an element that was replaced: the same one, or if it cannot, what is first there.
        heir(piece, focused) {
            const all = [...piece.querySelectorAll('a[href], button:enabled, input, select, textarea, summary, [tabindex]')];
            return all.find((one) => (focused.id ? one.id === focused.id : one.href && one.href === focused.href)) ?? all[0];
        },

        tail(last, into, html) {
            const log = document.getElementById(into);
            if (!log || Number(last) <= Number(log.dataset.tail)) {
                return;
            }
            log.insertAdjacentHTML('beforeend', html);
            log.dataset.tail = last;
            const follow = document.getElementById('follow');
            if (!follow || follow.checked) {
                this.cut(log);
                log.scrollTop = log.scrollHeight;
            }
        },

        // Long logs stay light: nobody who follows one looks at what scrolled away long ago.
        cut(log) {
            const most = 1000;
            const lines = log.querySelectorAll('p:not(.hint)');
            if (lines.length <= most) {
                return;
            }
            while (log.firstChild !== lines[lines.length - most]) {
                log.firstChild.remove();
            }
            const before = document.createElement('p');
            before.className = 'hint';
            before.textContent = `${(Number(log.dataset.tail) - most).toLocaleString('en')} lines left out`;
            log.prepend(before);
        },
    };

    // --- Title and icon ----------------------------------------------------------------------------------------------

    const title = document.title;
    function badge() {
        const verdict = document.querySelector('[data-badge]');
        if (!verdict) {
            return;
        }
        const count = Number(verdict.dataset.badge);
        document.title = count > 0 ? `(${count}) ${title}` : title;
        const icon = document.getElementById('icon');
        icon.href = count > 0 ? icon.dataset.bad : icon.dataset.good;
    }
    badge();

    let scrolling;
    addEventListener('scroll', () => {
        clearTimeout(scrolling);
        scrolling = setTimeout(() => live.adapt(), 300);
    }, {passive: true});

    live.open();
    setInterval(() => live.check(), 4000);
    const back = () => {
        live.heard = Date.now(); // nobody listened meanwhile
        live.open();
    };
    document.addEventListener('visibilitychange', () => (document.hidden ? live.close() : back()));
    addEventListener('pagehide', () => live.close());
    addEventListener('pageshow', (event) => event.persisted && back());

    // --- htmx: what it put in is to be kept live, and what it could not do is to be said --------------------------------

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
            tick();
            live.adapt();
            next()?.focus();
            next = () => null;
        });
    });
    for (const failure of ['htmx:sendError', 'htmx:timeout']) {
        document.addEventListener(failure, () => {
            toast('The server cannot be reached. Nothing was lost: try again.');
        });
    }

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

    new MutationObserver(() => {
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
    }).observe(document.getElementById('toasts'), {childList: true});

    // --- Small things ------------------------------------------------------------------------------------------------

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
