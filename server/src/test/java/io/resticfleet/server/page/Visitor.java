package io.resticfleet.server.page;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.Cookie;
import io.resticfleet.server.TestServer;
import java.util.List;

/** Somebody who uses the pages of a {@link TestServer}, signed in as anna. */
public final class Visitor {

    private final TestServer server;
    private final BrowserContext context;

    private Visitor(TestServer server, BrowserContext context) {
        this.server = server;
        this.context = context;
    }

    /** Comes with a session that has begun before, and has told its time zone. */
    public static Visitor signedIn(TestServer server, BrowserContext context) {
        context.addCookies(List.of(
                new Cookie("rf_session", server.session()).setUrl(server.url()),
                new Cookie("rf_zone", "Europe%2FBerlin").setUrl(server.url())));
        return new Visitor(server, context);
    }

    /** A new tab, at a path of the server. */
    public Page open(String path) {
        var page = tab();
        page.navigate(server.url() + path);
        return page;
    }

    /** A new tab, nowhere yet. */
    public Page tab() {
        return context.newPage();
    }

    /** Once the page is whole: one that is pressed before its scripts run leads to another page. */
    public static Locator button(Page page, String name) {
        page.waitForLoadState();
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    public static Locator link(Page page, String name) {
        return page.getByRole(
                AriaRole.LINK, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    /** That of a machine on the first page. */
    public static Locator card(Page page, String name) {
        return page.locator(".card")
                .filter(new Locator.FilterOptions()
                        .setHas(page.getByRole(
                                AriaRole.HEADING,
                                new Page.GetByRoleOptions().setName(name).setExact(true))));
    }

    /** A browser without a screen hides no tab by itself. */
    public static void hide(Page page, boolean hidden) {
        page.evaluate(
                "hidden => { Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});"
                        + " document.dispatchEvent(new Event('visibilitychange')); }",
                hidden);
    }
}
