package io.resticfleet.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.util.ArrayList;
import java.util.List;

/** Text that tries to become markup or script, and checks of pages that show it. */
final class HostileText {

    /** Each is one line of at most 100 characters without commas. An element it creates has {@code data-pwned}. */
    static final List<String> TEXTS = List.of(
            "<script data-pwned>window.pwned=1</script>",
            "<img data-pwned src=x onerror=window.pwned=2>",
            "\"><svg data-pwned onload=window.pwned=3>",
            "'><b data-pwned onclick='window.pwned=4'>",
            "\" onmouseover=\"window.pwned=5\" data-pwned=\"",
            "' autofocus onfocus='window.pwned=6' data-pwned='",
            "` onload=window.pwned=7 data-pwned=`",
            "x onload=window.pwned=8 data-pwned",
            "javascript:window.pwned=9//",
            "data:text/html;charset=utf-8;<i data-pwned>",
            "</textarea><script data-pwned>window.pwned=11</script>",
            "</title><script data-pwned>window.pwned=12</script>",
            "</option></select></script><img data-pwned src=x onerror=window.pwned=13>",
            "--><img data-pwned src=x onerror=window.pwned=14><!--",
            "]]><x data-pwned/>",
            "<iframe data-pwned srcdoc='<script>parent.pwned=16</script>'></iframe>",
            "<a data-pwned href=javascript:window.pwned=17>x</a>",
            "<form data-pwned action=//evil.example><button>Run now</button></form>",
            "<div data-pwned hx-post=/logout hx-trigger=load></div>",
            "\" hx-get=\"/logout\" hx-trigger=\"load\" hx-on:load=\"window.pwned=20\" data-pwned=\"",
            "${7*7} $unsafe{\"<i data-pwned>\"} !{int x = 1;} @if(true)x@endif {{7*7}} #{7*7} <%=7*7%>",
            "&lt;script&gt; &amp;quot; &#39; &copy &#x3c;i data-pwned&#x3e;",
            "a\u2028window.pwned=23\u2029b",
            "\u202egnp.exe \u2066x \u200ftxt\u200b.\ufeffy",
            "<style data-pwned>*{display:none}</style>",
            "<base data-pwned href=//evil.example/><meta http-equiv=refresh content=0;//evil.example>",
            "long".repeat(24),
            "<template data-pwned><main id=main hx-swap-oob=true></main></template>",
            "e\u0301 \ud83d\udc68\u200d\ud83d\udc69 \\';window.pwned=29;//\\\" \\u003ci data-pwned\\u003e",
            "%3Cscript%20data-pwned%3E%22%27%0d%0a ../../etc %s %n");

    /** All texts in one. */
    static final String ALL = String.join(" ", TEXTS);

    private static final int LONGEST_NAME = 100;

    private HostileText() {}

    /** All texts, in as few names as possible. */
    static List<String> names() {
        var names = new ArrayList<String>();
        for (var text : TEXTS) {
            int last = names.size() - 1;
            if (last >= 0 && names.get(last).length() + 1 + text.length() <= LONGEST_NAME) {
                names.set(last, names.get(last) + " " + text);
            } else {
                names.add(text);
            }
        }
        return names;
    }

    /** Collects the dialogs that open; no page opens one. */
    static void watch(Page page, List<String> dialogs) {
        page.onDialog(dialog -> {
            dialogs.add(dialog.message());
            dialog.dismiss();
        });
    }

    /** Asserts that no script ran, no element was created, and that the page shows these texts unchanged. */
    static void isHarmlessIn(Page page, String... shown) {
        assertThat(page.evaluate("() => window.pwned"))
                .as("scripts of %s", page.url().replaceFirst("\\?.*", ""))
                .isNull();
        assertThat(page.evaluate("""
                        () => [...document.querySelectorAll('*')]
                            .filter(it => 'pwned' in it.dataset
                                || it.closest('form')?.action.startsWith(location.origin) === false
                                || [...it.attributes].some(({name, value}) => name.startsWith('on')
                                    || name.startsWith('hx-on')
                                    || (['href', 'src', 'action'].includes(name) && !/^[/#]/.test(value))
                                    || (name === 'style' && !it.closest('.chart'))))
                            .map(it => it.outerHTML.slice(0, 200))
                        """))
                .as("elements in %s", page.url().replaceFirst("\\?.*", ""))
                .isEqualTo(List.of());
        assertThat(page.evaluate("""
                        wanted => {
                            const said = [...document.querySelectorAll('input, textarea, option')].map(it => it.value);
                            said.push(document.documentElement.textContent);
                            return wanted.filter(text => !said.some(all => all.includes(text)));
                        }
                        """, List.of(shown)))
                .as("not to be read in %s", page.url().replaceFirst("\\?.*", ""))
                .isEqualTo(List.of());
    }
}
