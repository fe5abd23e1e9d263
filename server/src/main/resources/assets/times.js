// Relative times, updated while a page is open.
const times = (() => {
    'use strict';

    const root = document.documentElement;
    const skew = Number(root.dataset.now) - Date.now(); // of the server's clock to the browser's

    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (zone && zone !== root.dataset.zone) {
        const had = document.cookie;
        document.cookie = `rf_zone=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=strict`;
        if (document.cookie !== had && document.querySelector('main time')) {
            location.reload(); // its times are in another zone
        }
    }

    // The same words as in Viewer on the server.
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

    return {tick};
})();
