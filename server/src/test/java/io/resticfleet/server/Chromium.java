package io.resticfleet.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The real browser: Debian's Chromium, headless. One process for all tests of a JVM; each test has contexts of its own,
 * as if other people sat there.
 *
 * <p>A test fails if a page wrote an error to the console, as it does when it breaks its own security policy, or threw
 * one; but for answers of the server that the test says it expects.
 *
 * <p>With {@code -Dtests.browser=false} such tests are skipped.
 */
public final class Chromium implements ExecutionCondition, AfterEachCallback {

    private static final Path PROGRAM = Path.of("/usr/bin/chromium");

    /** Slow machines are no faults. */
    private static final double PATIENCE_MS = 45_000;

    /** What htmx says when a page is left, or more is typed, before an answer has come. */
    private static final Pattern ABORT = Pattern.compile("htmx:(afterRequest|sendAbort), .*");

    private final List<BrowserContext> contexts = new ArrayList<>();
    private final List<String> complaints = new ArrayList<>();
    private final List<String> expected = new ArrayList<>();

    static {
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MS);
    }

    private static final class Shared {
        private static final Playwright PLAYWRIGHT = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        private static final Browser BROWSER = PLAYWRIGHT
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(PROGRAM)
                        .setArgs(List.of(
                                "--no-sandbox", // it runs as root in containers
                                "--disable-gpu",
                                "--disable-quic",
                                "--disable-background-networking",
                                "--disable-component-update",
                                "--disable-sync",
                                "--no-first-run")));
    }

    /** What a person's browser says of them: window, time zone, light or dark. */
    public static Browser.NewContextOptions options() {
        return new Browser.NewContextOptions().setViewportSize(1280, 900).setTimezoneId("Europe/Berlin");
    }

    /** Somebody new, with an empty browser. */
    public BrowserContext person() {
        return person(options());
    }

    public BrowserContext person(Browser.NewContextOptions options) {
        var context = Shared.BROWSER.newContext(options);
        context.setDefaultTimeout(PATIENCE_MS);
        context.onConsoleMessage(message -> {
            if (message.type().equals("error") && !ABORT.matcher(message.text()).matches()) {
                complain(message.text() + " at " + message.location());
            }
        });
        context.onWebError(error -> complain(error.error()));
        contexts.add(context);
        return context;
    }

    /** A tab of somebody new. */
    public Page page() {
        return person().newPage();
    }

    /** The browser may complain in words that hold this, such as {@code 404}. */
    public void expect(String complaint) {
        expected.add(complaint);
    }

    private void complain(String text) {
        synchronized (complaints) {
            complaints.add(text);
        }
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return System.getProperty("tests.browser", "true").equals("true")
                ? ConditionEvaluationResult.enabled("the browser is wanted")
                : ConditionEvaluationResult.disabled("not with the browser: -Dtests.browser");
    }

    @Override
    public void afterEach(ExtensionContext context) {
        contexts.forEach(BrowserContext::close);
        contexts.clear();
        if (context.getExecutionException().isEmpty()) {
            synchronized (complaints) {
                assertThat(complaints)
                        .filteredOn(text -> expected.stream().noneMatch(text::contains))
                        .as("errors on the browser's console")
                        .isEmpty();
            }
        }
    }
}
