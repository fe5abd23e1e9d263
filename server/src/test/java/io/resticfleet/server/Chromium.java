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
 * The browser: Debian's Chromium, headless. One process for all tests of a JVM; each test has its own contexts, which
 * share no cookies and no cache.
 *
 * <p>A test fails if a page wrote an error to the console, as the browser does when a page violates its security policy,
 * or threw one; except errors that the test expects.
 *
 * <p>With {@code -Dtests.browser=false} such tests are skipped.
 */
public final class Chromium implements ExecutionCondition, AfterEachCallback {

    private static final Path PROGRAM = Path.of("/usr/bin/chromium");

    /** Long, as the machine may be slow. */
    private static final double TIMEOUT_MS = 45_000;

    /**
     * Parts of the browser that are off: what Playwright turns off, whose option this one replaces, and the two pages
     * of each window's address bar, which take nearly half of the processor time of a new window.
     */
    private static final String OFF = "--disable-features=AvoidUnnecessaryBeforeUnloadCheckSync,"
            + "BoundaryEventDispatchTracksNodeRemoval,DestroyProfileOnBrowserClose,DialMediaRouteProvider,"
            + "GlobalMediaControls,HttpsUpgrades,LensOverlay,MediaRouter,PaintHolding,ThirdPartyStoragePartitioning,"
            + "BlockOriginHeaderModificationOnRedirect,Translate,AutoDeElevate,OptimizationHints,"
            + "WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup";

    /** What htmx logs when the page is left, or more is typed, before a response has come. */
    private static final Pattern ABORT = Pattern.compile("htmx:(afterRequest|sendAbort), .*");

    private final List<BrowserContext> contexts = new ArrayList<>();
    private final List<String> errors = new ArrayList<>();
    private final List<String> expected = new ArrayList<>();

    static {
        PlaywrightAssertions.setDefaultAssertionTimeout(TIMEOUT_MS);
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
                                OFF,
                                "--disable-quic",
                                "--disable-background-networking",
                                "--disable-component-update",
                                "--disable-sync",
                                "--no-first-run")));
    }

    /** The defaults: window size and time zone. */
    public static Browser.NewContextOptions options() {
        return new Browser.NewContextOptions().setViewportSize(1280, 900).setTimezoneId("Europe/Berlin");
    }

    /** A new context with the default options. */
    public BrowserContext context() {
        return context(options());
    }

    public BrowserContext context(Browser.NewContextOptions options) {
        var context = Shared.BROWSER.newContext(options);
        context.setDefaultTimeout(TIMEOUT_MS);
        context.onConsoleMessage(message -> {
            if (message.type().equals("error") && !ABORT.matcher(message.text()).matches()) {
                record(message.text() + " at " + message.location());
            }
        });
        context.onWebError(error -> record(error.error()));
        contexts.add(context);
        return context;
    }

    /** A tab in a new context. */
    public Page page() {
        return context().newPage();
    }

    /** Allows console errors that contain this text, such as {@code 404}. */
    public void expectError(String text) {
        expected.add(text);
    }

    private void record(String error) {
        synchronized (errors) {
            errors.add(error);
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
            synchronized (errors) {
                assertThat(errors)
                        .filteredOn(text -> expected.stream().noneMatch(text::contains))
                        .as("errors on the browser's console")
                        .isEmpty();
            }
        }
    }
}
