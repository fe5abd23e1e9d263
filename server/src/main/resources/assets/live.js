// Keeps what is shown true while somebody looks at it.
const live = (() => {
    'use strict';

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

    // A click is a press and a release of the same element: nothing is exchanged in between.
    const hand = {
        free: Promise.resolve(),
        lift() {},
        press() {
            this.lift();
            this.free = new Promise((done) => (this.lift = done));
        },
    };
    const lifted = () => setTimeout(() => hand.lift()); // the click comes first
    addEventListener('pointerdown', (event) => event.button === 0 && hand.press(), true);
    addEventListener('keydown', (event) => event.key === ' ' && !event.repeat && hand.press(), true);
    for (const end of ['pointerup', 'pointercancel', 'keyup']) {
        addEventListener(end, lifted, true);
    }
    addEventListener('blur', lifted);
    addEventListener('pointermove', (event) => event.buttons === 0 && hand.lift(), true); // it was let go elsewhere

    const page = {
        source: null,
        stale: new Set(),
        fetching: false,
        patience: 20000, // a stream says something every 10 s
        heard: Date.now(),
        tried: Date.now(),
        ids: '',

        // What is to be kept true: everything, but of very many cards those near what is seen.
        fragments() {
            const all = [...document.querySelectorAll('[data-v]')];
            const cards = all.filter((one) => one.parentElement.closest('[data-v]'));
            const away = new Map(cards.map((card) => [card, Math.abs(card.getBoundingClientRect().top - innerHeight / 2)]));
            const far = new Set(cards.sort((a, b) => away.get(a) - away.get(b)).slice(150));
            const ids = all.filter((one) => !far.has(one)).map((one) => one.id);
            return ids.length > 1 ? ids : ids.filter((id) => id !== 'trouble'); // which is on every page
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
            if (this.fragments().join('.') + location.search !== this.ids) {
                this.open();
            }
        },

        open() {
            this.close();
            this.tried = Date.now();
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
            notes.anew(why);
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
                        notes.anew(notes.SIGNED_OUT);
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
            const listens = !document.hidden && this.fragments().length > 0;
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
            const asked = this.url({}).href;
            this.stale.clear();
            try {
                const called = document.querySelectorAll('#hosts > [data-v]').length; // those that were added stay
                const answer = await fetch(this.url({_fragments: wanted.join('.'), _called: called}));
                if (answer.ok) {
                    const fresh = await answer.text();
                    await hand.free;
                    if (this.url({}).href === asked) { // else somebody chose something else meanwhile
                        this.replace(fresh);
                    }
                } else if (answer.status === 401) {
                    notes.anew(notes.SIGNED_OUT);
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
            for (const fragment of [...fresh.content.children]) {
                const shown = document.getElementById(fragment.id);
                if (!shown) {
                    continue;
                }
                const focused = shown.contains(document.activeElement) ? document.activeElement : null;
                shown.replaceWith(fragment);
                htmx.process(fragment);
                if (focused) {
                    this.heir(fragment, focused)?.focus({preventScroll: true});
                }
            }
            times.tick();
            badge();
            this.adapt();
        },

        // What takes the focus of an element that was replaced: the same one, or if it cannot, what is first there.
        heir(fragment, focused) {
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

    // How many machines need a look is in the title and in the icon of the tab.
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
        scrolling = setTimeout(() => page.adapt(), 300);
    }, {passive: true});

    page.open();
    setInterval(() => page.check(), 4000);
    const back = () => {
        page.heard = Date.now(); // nobody listened meanwhile
        page.open();
    };
    document.addEventListener('visibilitychange', () => (document.hidden ? page.close() : back()));
    addEventListener('pagehide', () => page.close());
    addEventListener('pageshow', (event) => event.persisted && back());

    return {adapt: () => page.adapt()};
})();
