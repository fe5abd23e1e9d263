package io.resticfleet.server.page.frame;

/**
 * A short message about the last action. One of tone {@code ok} disappears by itself.
 *
 * @param tone {@code ok} or {@code bad}
 * @param link empty for none
 */
public record Toast(String tone, String words, String link, String linkWords) {

    public static Toast done(String words, String link, String linkWords) {
        return new Toast("ok", words, link, linkWords);
    }

    static Toast failed(String words) {
        return new Toast("bad", words, "", "");
    }
}
