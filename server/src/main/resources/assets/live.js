// Updates the parts of a page that change, while the page is visible.
const live = (() => {
    'use strict';

    // A browser opens at most six connections to a server, over all tabs. So only visible tabs have a stream, and of several
    // windows side by side only three; the others poll every few seconds.
    const slots = {
        me: String(Math.random()),
        max: 3,
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
                // without storage, every tab has a stream
            }
        },
        take() {
            const all = this.read();
            if (!(this.me in all) && Object.keys(all).length >= this.max) {
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

    // A click is a press and a release on the same element: nothing may be replaced in between.
    const pressing = {
        ended: Promise.resolve(),
        end() {},
        start() {
            this.end();
            this.ended = new Promise((done) => (this.end = done));
        },
    };
    const released = () => setTimeout(() => pressing.end()); // after the click event
    addEventListener('pointerdown', (event) => event.button === 0 && pressing.start(), true);
    addEventListener('keydown', (event) => event.key === ' ' && !event.repeat && pressing.start(), true);
    for (const end of ['pointerup', 'pointercancel', 'keyup']) {
        addEventListener(end, released, true);
    }
    addEventListener('blur', released);
    addEventListener('pointermove', (event) => event.buttons === 0 && pressing.end(), true); // released outside the window

    const page = {
        source: null,
        stale: new Set(),
        fetching: false,
        timeout: 20000, // the server sends something every 10 s
        received: Date.now(),
        opened: Date.now(),
        ids: '',

        // Ids of the fragments to keep up to date: all, but of many cards only the 150 nearest to the visible part.
        fragments() {
            const all = [...document.querySelectorAll('[data-v]')];
            const cards = all.filter((one) => one.parentElement.closest('[data-v]'));
            const away = new Map(cards.map((card) => [card, Math.abs(card.getBoundingClientRect().top - innerHeight / 2)]));
            const far = new Set(cards.sort((a, b) => away.get(a) - away.get(b)).slice(150));
            const ids = all.filter((one) => !far.has(one)).map((one) => one.id);
            const common = ['trouble', 'alert-count', 'alerted']; // on every page, and not worth a stream alone
            return ids.every((id) => common.includes(id)) ? [] : ids;
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

        // Opens a new stream if the fragments have changed.
        adapt() {
            if (this.fragments().join('.') + location.search !== this.ids) {
                this.open();
            }
        },

        open() {
            this.close();
            this.opened = Date.now();
            const ids = this.fragments().join('.');
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
            this.source.addEventListener('alive', () => this.alive());
            this.source.addEventListener('tail', (event) => this.tail(event.lastEventId, ...JSON.parse(event.data)));
            this.source.addEventListener('gone', (event) => this.gone(JSON.parse(event.data).detail));
            this.source.onopen = () => this.alive();
            this.source.onerror = () => this.failed();
        },

        close() {
            if (this.source) {
                this.source.close();
                this.source = null;
            }
            slots.release();
        },

        gone(reason) {
            this.close();
            notes.reload(reason);
        },

        alive() {
            this.received = Date.now();
            const note = document.getElementById('stale');
            if (note) {
                note.hidden = true;
            }
        },

        // A stream ends every minute, and the browser opens it again, unless the server refused it.
        failed() {
            if (this.source && this.source.readyState === EventSource.CLOSED) {
                this.source = null;
                fetch('/api/me').then((answer) => {
                    if (answer.status === 401) {
                        notes.reload(notes.SIGNED_OUT);
                    }
                }).catch(() => {});
                setTimeout(() => this.source || this.open(), 5000);
            }
        },

        // If the network drops all packets, a dead stream stays open for many minutes.
        check() {
            if (this.source && this.source.readyState === EventSource.OPEN) {
                slots.take();
            }
            const note = document.getElementById('stale');
            const expected = !document.hidden && this.fragments().length > 0;
            if (note && expected && Date.now() - this.received > this.timeout) {
                note.hidden = false;
                if (Date.now() - this.opened > this.timeout) {
                    this.open();
                }
            }
        },

        versions(news) {
            this.alive();
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
            const requested = [...this.stale];
            const address = this.url({}).href;
            this.stale.clear();
            try {
                const called = document.querySelectorAll('#hosts > [data-v]').length; // cards added by "Show more" stay
                const answer = await fetch(this.url({_fragments: requested.join('.'), _called: called}));
                if (answer.ok) {
                    const fresh = await answer.text();
                    await pressing.ended;
                    if (this.url({}).href === address) { // otherwise the filter was changed meanwhile
                        this.replace(fresh);
                    }
                } else if (answer.status === 401) {
                    notes.reload(notes.SIGNED_OUT);
                } else if (answer.status === 404) {
                    this.gone('What this page shows was deleted.');
                }
            } catch {
                // the stream fails too, and is opened again
            } finally {
                this.fetching = false;
                this.refresh();
            }
        },

        replace(html) {
            const fresh = document.createElement('template');
            fresh.innerHTML = html;
            for (const fragment of [...fresh.content.children]) {
                const shown = document.getElementById(fragment.id);
                if (!shown) {
                    continue;
                }
                const focused = shown.contains(document.activeElement) ? document.activeElement : null;
                shown.replaceWith(fragment);
                htmx.process(fragment);
                if (focused) {
                    this.successor(fragment, focused)?.focus({preventScroll: true});
                }
            }
            times.tick();
            badge();
            this.adapt();
        },

        // The element that takes the focus from one that was replaced: its counterpart, else the first focusable one.
        successor(fragment, focused) {
            const all = [...fragment.querySelectorAll('a[href], button:enabled, input, select, textarea, summary, [tabindex]')];
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

        // Keeps only the last lines of a log that is followed, so that long logs stay fast.
        cut(log) {
            const max = 1000;
            const lines = log.querySelectorAll('p:not(.hint)');
            if (lines.length <= max) {
                return;
            }
            while (log.firstChild !== lines[lines.length - max]) {
                log.firstChild.remove();
            }
            const before = document.createElement('p');
            before.className = 'hint';
            before.textContent = `${(Number(log.dataset.tail) - max).toLocaleString('en')} lines left out`;
            log.prepend(before);
        },
    };

    // The number of machines that need attention, in the title and the icon of the tab.
    const title = document.title;
    function badge() {
        const summary = document.querySelector('[data-badge]');
        if (!summary) {
            return;
        }
        const count = Number(summary.dataset.badge);
        document.title = count > 0 ? `(${count}) ${title}` : title;
        const icon = document.getElementById('icon');
        icon.href = count > 0 ? icon.dataset.bad : icon.dataset.good;
    }
    badge();

    let scrolling;
    addEventListener('scroll', () => {
        clearTimeout(scrolling);
        scrolling = setTimeout(() => page.adapt(), 300);
    }, {passive: true});

    page.open();
    setInterval(() => page.check(), 4000);
    const back = () => {
        page.received = Date.now(); // there was no stream meanwhile
        page.open();
    };
    document.addEventListener('visibilitychange', () => (document.hidden ? page.close() : back()));
    addEventListener('pagehide', () => page.close());
    addEventListener('pageshow', (event) => event.persisted && back());

    return {adapt: () => page.adapt()};
})();
