package io.resticfleet.server.page;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.Cookie;
import io.resticfleet.server.TestServer;
import java.util.List;

/** A browser context in which anna is signed in to a {@link TestServer}. */
public final class BrowserSession {

    private final TestServer server;
    private final BrowserContext context;

    private BrowserSession(TestServer server, BrowserContext context) {
        this.server = server;
        this.context = context;
    }

    /** Sets the cookies of a session, and of the time zone that the browser has reported. */
    public static BrowserSession signedIn(TestServer server, BrowserContext context) {
        context.addCookies(List.of(
                new Cookie("rf_session", server.session()).setUrl(server.url()),
                new Cookie("rf_zone", "Europe%2FBerlin").setUrl(server.url())));
        return new BrowserSession(server, context);
    }

    /** A new tab that has loaded a path of the server. */
    public Page open(String path) {
        var page = tab();
        page.navigate(server.url() + path);
        return page;
    }

    /** A new tab that has loaded nothing. */
    public Page tab() {
        return context.newPage();
    }

    /** Waits for the page to load: a button that is clicked before scripts run submits its form without them. */
    public static Locator button(Page page, String name) {
        page.waitForLoadState();
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    public static Locator link(Page page, String name) {
        return page.getByRole(
                AriaRole.LINK, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    /** The card of a machine on the dashboard. */
    public static Locator card(Page page, String name) {
        return page.locator(".card")
                .filter(new Locator.FilterOptions()
                        .setHas(page.getByRole(
                                AriaRole.HEADING,
                                new Page.GetByRoleOptions().setName(name).setExact(true))));
    }

    /** Makes the page believe that its tab is hidden, as a headless browser hides none. */
    public static void hide(Page page, boolean hidden) {
        page.evaluate(
                "hidden => { Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});"
                        + " document.dispatchEvent(new Event('visibilitychange')); }",
                hidden);
    }
}
