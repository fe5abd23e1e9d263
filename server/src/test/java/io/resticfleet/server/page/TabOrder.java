package io.resticfleet.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.util.ArrayList;
import java.util.List;

/** Which elements of a page the Tab key reaches, and which it should reach. */
final class TabOrder {

    private TabOrder() {}

    /** What has the focus, from key to key, until the page is left; each must show that it has. */
    static List<String> walk(Page page) {
        var reached = new ArrayList<String>();
        page.evaluate("document.activeElement.blur()");
        while (true) {
            page.keyboard().press("Tab");
            var name = (String) page.evaluate(FOCUSED);
            if (name.isEmpty() || reached.contains(name)) {
                return reached.stream().sorted().toList();
            }
            assertThat(name).doesNotContain("NOT SEEN");
            reached.add(name);
        }
    }

    /** What a mouse could use. */
    @SuppressWarnings("unchecked")
    static List<String> usable(Page page) {
        return ((List<String>) page.evaluate(USABLE)).stream().sorted().toList();
    }

    private static final String NAME = """
            const all = [...document.querySelectorAll('*')];
            const name = e => `${e.tagName}.${all.indexOf(e)} ${e.id} ${(e.textContent || e.name || '').trim().slice(0, 30)}`;
            """;

    private static final String FOCUSED = """
            () => {
            """ + NAME + """
                const e = document.activeElement;
                const frame = e.matches('.chips input') ? e.closest('label') : e;
                const outline = getComputedStyle(frame);
                const seen = outline.outlineStyle !== 'none' && parseFloat(outline.outlineWidth) >= 2;
                return e === document.body ? '' : name(e) + (seen ? '' : ' NOT SEEN');
            }
            """;

    /** Of radio buttons only one is in the tab order; arrows reach the others. */
    private static final String USABLE = """
            () => {
            """ + NAME + """
                return [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
                    .filter(e => !e.disabled && e.type !== 'hidden' && e.checkVisibility())
                    .filter(e => e.type !== 'radio' || e.checked)
                    .map(name);
            }
            """;
}
