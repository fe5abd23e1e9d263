package io.resticfleet.server.page;

import com.deque.html.axecore.args.AxeRunOptions;
import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.SoftAssertions;

/**
 * Looks at a page by axe's rules, and whether it fits into narrow windows.
 *
 * @param wrong receives what is wrong
 */
record AccessCheck(SoftAssertions wrong) {

    /** What of axe's rules depends on the window and its colours. */
    private static final List<String> LOOKS =
            List.of("color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size");

    /** Light and dark, wide and narrow. */
    void check(Page page, String what) {
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
        page.setViewportSize(390, 844);
        page.evaluate(
                "window.scrollTo(0, document.body.scrollHeight)"); // where buttons that stay in sight cover nothing
        axe(what + ", narrow and dark", axe(page).withRules(LOOKS));
        assertFits(page, what + " at 390");
        page.setViewportSize(320, 700);
        assertFits(page, what + " at 320");
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
        page.setViewportSize(1280, 900);
        axe(what, axe(page));
        assertFits(page, what + " at 1280");
    }

    /** Without a description of each element that is right, which takes longer than to find what is wrong. */
    private static AxeBuilder axe(Page page) {
        var options = new AxeRunOptions();
        options.setResultTypes(List.of("violations"));
        return new AxeBuilder(page).options(options);
    }

    private void axe(String what, AxeBuilder axe) {
        var found = new ArrayList<String>();
        for (var rule : axe.exclude("datalist").setLegacyMode(true).analyze().getViolations()) {
            rule.getNodes()
                    .forEach(node -> found.add(rule.getId() + ": " + node.getFailureSummary() + ": " + node.getHtml()));
        }
        wrong.assertThat(found).as(what).isEmpty();
    }

    /** What of a page that is too wide for its window is beyond the right edge. */
    private static final String BEYOND = """
            async () => {
                await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
                const root = document.documentElement;
                return root.scrollWidth === root.clientWidth ? []
                    : [...document.querySelectorAll('main *, header *')]
                        .filter(e => e.getBoundingClientRect().right > root.clientWidth)
                        .map(e => e.outerHTML.slice(0, 120)).slice(0, 8);
            }
            """;

    /** It need not be scrolled sideways. */
    private void assertFits(Page page, String what) {
        wrong.assertThat(page.evaluate(BEYOND)).as(what).isEqualTo(List.of());
    }
}
