// Draws the size of each schedule's backups and what they added. Colours come from the page's style sheet, and follow the colour scheme.
(() => {
    'use strict';

    const figure = document.querySelector('[data-chart]');
    if (!figure) {
        return;
    }
    const {times, lines, added} = JSON.parse(figure.dataset.chart);
    const colours = ['--run', '--warn-fill', '--bad-fill', '--accent', '--off'];
    const dashes = [[], [8, 4], [2, 4]];
    const powersOfTwo = Array.from({length: 60}, (_, power) => 2 ** power);
    const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

    function bytes(value) {
        let unit = 0;
        let rest = value;
        while (rest >= 1024 && unit < units.length - 1) {
            rest /= 1024;
            unit++;
        }
        return `${rest >= 100 || unit === 0 ? Math.round(rest) : rest.toFixed(1)} ${units[unit]}`;
    }

    function day(seconds) {
        return new Date(seconds * 1000).toLocaleDateString('en-GB', {day: 'numeric', month: 'short'});
    }

    function when(u, splits, axis, space, step) {
        const clock = {hour: '2-digit', minute: '2-digit'};
        return splits.map((at) => (step < 86400 ? new Date(at * 1000).toLocaleTimeString('en-GB', clock) : day(at)));
    }

    function sizes(u, splits) {
        return splits.map(bytes);
    }

    function colour(name) {
        return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    }

    let plot;
    function draw() {
        plot?.destroy();
        const axis = {stroke: colour('--muted'), grid: {stroke: colour('--line'), width: 1}, ticks: {show: false}};
        plot = new uPlot({
            width: figure.clientWidth,
            height: 200,
            cursor: {y: false},
            scales: {added: {range: (u, min, max) => [0, (max || 1) * 3]}, size: {range: (u, min, max) => [0, (max || 1) * 1.1]}},
            axes: [{...axis, values: when},
                {...axis, scale: 'size', size: 80, incrs: powersOfTwo, values: sizes},
                // on the right, in the colour of the bars
                {...axis, scale: 'added', side: 1, stroke: colour('--ok'), size: 80, incrs: powersOfTwo, grid: {show: false}, values: sizes}],
            series: [
                {label: 'Backup', value: (u, v) => (v === null ? '' : day(v))},
                ...lines.map((line, i) => ({
                    label: lines.length === 1 ? 'Size' : line.schedule, scale: 'size', stroke: colour(colours[i % colours.length]), width: 2,
                    dash: dashes[Math.floor(i / colours.length) % dashes.length], spanGaps: true, value: (u, v) => (v === null ? '' : bytes(v)),
                })),
                {label: 'Added', scale: 'added', stroke: colour('--ok-fill'), fill: colour('--ok-fill'), paths: uPlot.paths.bars({size: [0.6, 12]}), points: {show: false}, value: (u, v) => (v === null ? '' : bytes(v))},
            ],
        }, [times, ...lines.map((line) => line.sizes), added], figure);
    }

    draw();
    addEventListener('resize', () => plot.setSize({width: figure.clientWidth, height: 200}));
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
})();
